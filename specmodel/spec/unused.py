"""What a spec leaves unused: blocks, whose mistakes are told as far as they can be known, and weights of files."""

from specmodel.diagnostics import Diagnostic, Diagnostics, Frame, Note, SpecError, codes
from specmodel.spec.expansion.blocks import Recipe
from specmodel.spec.expansion.census import Census
from specmodel.spec.expansion.definitions import Block, Level, Module, Scope
from specmodel.spec.expansion.sketch import Sketch
from specmodel.spec.expansion.walk import Expander
from specmodel.spec.expressions.substitute import Substitution
from specmodel.spec.faults import here, too_many
from specmodel.spec.params import Values, bind
from specmodel.spec.references import Resolver
from specmodel.spec.resolve import follow
from specmodel.spec.reuse import settle_reuses


def check_unused(expander: Expander, level: Level, diagnostics: Diagnostics) -> None:
    """Report the mistakes in blocks that were not written out: those of the spec, and of the files it uses.

    A block is written out with its defaults, if all its params have one; and read with all its conditions met, and
    params that have no value, for what does not depend on them.
    """
    recipes = expander.recipes
    modules = [(level.module, level.spec_values)]
    seen = {id(level.module)}
    for module, values in modules:
        for _, block in sorted(module.blocks.items()):
            if not too_many(diagnostics):
                _check(block, module, values, expander, diagnostics)
        for recipe in recipes.files():
            if id(recipe.module) not in seen:
                seen.add(id(recipe.module))
                modules.append((recipe.module, _defaults(recipe)))


def warn_of_weights(expander: Expander, diagnostics: Diagnostics) -> None:
    """Say which files of blocks name weights that are not read."""
    for recipe in expander.recipes.files():
        weights = recipe.top.items.get("weights")
        if weights is not None and recipe.identity in expander.recipes.used:
            message = f"these weights are not read where the spec is a block, `{recipe.block.name}`"
            help = "name weights of the whole model at the top of the spec that uses it"
            at, code = recipe.block.place, codes.WEIGHTS_OF_A_BLOCK
            notes = [Note(f"the block stands {here(at.span, at.text)}", at.span)]
            diagnostics.add(code, message, weights.span, place=weights.place, notes=notes, help=help)


def _defaults(recipe: Recipe) -> Values:
    """The params of a file, with the values they have where nothing is given."""
    silent = Diagnostics()
    return bind(recipe.params, {}, {}, Substitution(silent), silent)


def _check(block: Block, module: Module, values: Values, expander: Expander, diagnostics: Diagnostics) -> None:
    recipe = expander.recipes.of(block, module)
    if recipe is None or recipe.identity in expander.recipes.used:
        return
    frame = Frame(f"in the block `{block.name}`, which nothing uses", block.place.span, None, recipe.identity)
    found: list[Diagnostic] = []
    level = Level(module, Scope(), values, values)
    if all(param.default is not None for param in recipe.params.values()):
        found.extend(_built(recipe, level, frame, expander))
    found.extend(_sketched(recipe, level, frame, expander))
    known = {_mistake(one) for one in diagnostics}
    for one in found:
        if one.severity == "error" and _mistake(one) not in known:
            known.add(_mistake(one))
            diagnostics.extend([one])


def _mistake(one: Diagnostic) -> tuple[str, object, str]:
    return one.code, one.span, one.place


def _built(recipe: Recipe, level: Level, frame: Frame, expander: Expander) -> Diagnostics:
    """What is wrong with a block as its defaults make it."""
    found = Diagnostics()
    trial = Expander(found, expander.recipes)
    try:
        Census(expander.recipes, found).check_block(recipe, level, frame)
        trial.block(recipe, level, frame)
        settle_reuses(trial, found)
        follow(trial, Resolver(found), found)
    except SpecError:  # a block that is too large as it is may be small where it is used
        pass
    return found


def _sketched(recipe: Recipe, level: Level, frame: Frame, expander: Expander) -> Diagnostics:
    """What is wrong with a block whatever its params are."""
    found = Diagnostics()
    sketch = Sketch(found, expander.recipes)
    try:
        sketch.block(recipe, level, frame)
        if sketch.knows_names:
            settle_reuses(sketch, found)
            follow(sketch, Resolver(found), found)
    except SpecError:
        pass
    return found
