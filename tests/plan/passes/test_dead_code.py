"""What no output needs is left out."""

from specmodel.ops.elementwise import exp
from specmodel.plan.passes.dead_code import dead_code
from tests.plan.programs import given, program, text


def test_what_leads_to_no_output_is_left_out() -> None:
    x = given("x", 2, 3)
    needed = exp(x)
    whole = program([x], [needed, exp(-needed)])
    assert text(whole) == "%0 = Exp(x)\n%1 = Neg(%0)\n%2 = Exp(%1)\nreturn %0, %2"
    assert text(dead_code(whole.replace(outputs=(needed,)))) == "%0 = Exp(x)\nreturn %0"


def test_a_program_without_dead_code_stays() -> None:
    x = given("x", 2, 3)
    whole = program([x], [exp(x)])
    assert dead_code(whole) is whole
