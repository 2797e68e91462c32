import VCL

extension Variables {
    /// The constants of C's math.h and float.h for 64-bit numbers.
    static let math: [Variable] = [
        number("math.PI", Double.pi, "The circle's circumference over its diameter."),
        number("math.PI_2", Double.pi / 2, "Half of pi."),
        number("math.PI_4", Double.pi / 4, "A quarter of pi."),
        number("math.1_PI", 1 / Double.pi, "1 over pi."),
        number("math.2_PI", 2 / Double.pi, "2 over pi."),
        number("math.2PI", 2 * Double.pi, "Twice pi."),
        number("math.TAU", 2 * Double.pi, "Twice pi."),
        number("math.2_SQRTPI", 2 / Double.pi.squareRoot(), "2 over the square root of pi."),
        number("math.E", 2.718281828459045, "The base of natural logarithms."),
        number("math.LN2", 0.6931471805599453, "The natural logarithm of 2."),
        number("math.LN10", 2.302585092994046, "The natural logarithm of 10."),
        number("math.LOG2E", 1.4426950408889634, "The binary logarithm of e."),
        number("math.LOG10E", 0.4342944819032518, "The decimal logarithm of e."),
        number("math.PHI", 1.618033988749895, "The golden ratio."),
        number("math.SQRT2", 2.0.squareRoot(), "The square root of 2."),
        number("math.SQRT1_2", 0.5.squareRoot(), "The square root of one half."),
        number("math.NAN", .nan, "What is no number."),
        number("math.POS_INFINITY", .infinity, "Infinity."),
        number("math.NEG_INFINITY", -.infinity, "Minus infinity."),
        number("math.POS_HUGE_VAL", .infinity, "What overflows to the positive side."),
        number("math.NEG_HUGE_VAL", -.infinity, "What overflows to the negative side."),
        number("math.FLOAT_EPSILON", Double.ulpOfOne, "The distance from 1 to the next larger FLOAT."),
        number("math.FLOAT_MAX", Double.greatestFiniteMagnitude, "The largest FLOAT."),
        number(
            "math.FLOAT_MIN", Double.leastNormalMagnitude, "The smallest positive FLOAT of full precision."),
        whole("math.FLOAT_DIG", 15, "Decimal digits that a FLOAT keeps."),
        whole("math.FLOAT_MANT_DIG", 53, "Binary digits of a FLOAT's mantissa."),
        whole("math.FLOAT_MAX_10_EXP", 308, "The largest power of 10 that a FLOAT holds."),
        whole("math.FLOAT_MAX_EXP", 1024, "One more than the largest power of 2 that a FLOAT holds."),
        whole(
            "math.FLOAT_MIN_10_EXP", -307, "The smallest power of 10 that a FLOAT holds in full precision."),
        whole("math.FLOAT_MIN_EXP", -1021, "One more than the smallest power of 2 in full precision."),
        whole("math.FLOAT_RADIX", 2, "The base of a FLOAT's exponent."),
        whole("math.INTEGER_BIT", 64, "Bits of an INTEGER."),
        whole("math.INTEGER_MAX", .max, "The largest INTEGER."),
        whole("math.INTEGER_MIN", .min, "The smallest INTEGER."),
    ]

    private static func number(_ name: String, _ value: Double, _ summary: String) -> Variable {
        Variable(name, .all, .float { _ in value }, summary)
    }

    private static func whole(_ name: String, _ value: Int64, _ summary: String) -> Variable {
        Variable(name, .all, .integer { _ in value }, summary)
    }
}
