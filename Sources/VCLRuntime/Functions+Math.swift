import Kernel
import VCL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Functions {
    /// A function of one FLOAT. `defined` says where it has a value: elsewhere it is NaN, with EDOM. Where it has none but an
    /// infinite one, or none that fits, fastly.error is ERANGE; so it is for a subnormal argument of those functions that give
    /// it back (`steady`).
    private static func math(
        _ arguments: Arguments, steady: Bool = false,
        defined: @escaping @Sendable (Double) -> Bool = { _ in true },
        _ body: @escaping @Sendable (Double) -> Double
    ) -> Code {
        let value = arguments.float(0)
        return .float { context in
            let x = value(context)
            if x.isNaN { return x }
            guard defined(x) else {
                _ = context.fail("EDOM")
                return .nan
            }
            if steady, x.isSubnormal {
                _ = context.fail("ERANGE")
                return x
            }
            let result = body(x)
            if x.isFinite, !result.isFinite { _ = context.fail("ERANGE") }
            return result
        }
    }

    private static func test(_ arguments: Arguments, _ body: @escaping @Sendable (Double) -> Bool) -> Code {
        let value = arguments.float(0)
        return .bool { body(value($0)) }
    }

    static let roundings: [Function] = [
        Function("math.ceil", [.float], .float, "The next whole number up.") { math($0) { $0.rounded(.up) } },
        Function("math.floor", [.float], .float, "The next whole number down.") {
            math($0) { $0.rounded(.down) }
        },
        Function("math.trunc", [.float], .float, "The next whole number towards zero.") {
            math($0) { $0.rounded(.towardZero) }
        },
        Function("math.round", [.float], .float, "The nearest whole number; halves go away from zero.") {
            math($0) { $0.rounded(.toNearestOrAwayFromZero) }
        },
        Function("math.roundeven", [.float], .float, "The nearest whole number; halves go to the even one.") {
            math($0) { $0.rounded(.toNearestOrEven) }
        },
        Function("math.roundhalfup", [.float], .float, "The nearest whole number; halves go up.") {
            math($0) {
                let below = $0.rounded(.down)
                return $0 - below >= 0.5 ? below + 1 : below
            }
        },
        Function("math.roundhalfdown", [.float], .float, "The nearest whole number; halves go down.") {
            math($0) {
                let below = $0.rounded(.down)
                return $0 - below > 0.5 ? below + 1 : below
            }
        },
    ]

    static let classifications: [Function] = [
        Function("math.is_finite", [.float], .bool, "Whether the number is neither infinite nor NaN.") {
            test($0) { $0.isFinite }
        },
        Function("math.is_infinite", [.float], .bool, "Whether the number is an infinity.") {
            test($0) { $0.isInfinite }
        },
        Function("math.is_nan", [.float], .bool, "Whether the value is no number.") { test($0) { $0.isNaN } },
        Function(
            "math.is_normal", [.float], .bool,
            "Whether the number is neither zero, subnormal, infinite nor NaN."
        ) { test($0) { $0.isNormal } },
        Function(
            "math.is_subnormal", [.float], .bool, "Whether the number is too near to zero for full precision."
        ) { test($0) { $0.isSubnormal } },
    ]

    static let exponentials: [Function] = [
        Function("math.exp", [.float], .float, "e to this power; ERANGE when it does not fit.") {
            power($0) { exp($0) }
        },
        Function("math.exp2", [.float], .float, "2 to this power; ERANGE when it does not fit.") {
            power($0) { exp2($0) }
        },
        Function(
            "math.log", [.float], .float, "The natural logarithm; EDOM below zero, ERANGE and -inf for zero."
        ) { math($0, defined: { $0 >= 0 }) { log($0) } },
        Function(
            "math.log2", [.float], .float,
            "The logarithm to base 2; EDOM below zero, ERANGE and -inf for zero."
        ) { math($0, defined: { $0 >= 0 }) { log2($0) } },
        Function(
            "math.log10", [.float], .float,
            "The logarithm to base 10; EDOM below zero, ERANGE and -inf for zero."
        ) { math($0, defined: { $0 >= 0 }) { log10($0) } },
        Function("math.sqrt", [.float], .float, "The square root; EDOM below zero.") {
            math($0, defined: { $0 >= 0 }) { $0.squareRoot() }
        },
    ]

    /// A power also has no value that fits when it is too small.
    private static func power(_ arguments: Arguments, _ body: @escaping @Sendable (Double) -> Double) -> Code
    {
        let value = arguments.float(0)
        return .float { context in
            let x = value(context)
            let result = body(x)
            if x.isFinite, result.isInfinite || result == 0 || result.isSubnormal {
                _ = context.fail("ERANGE")
            }
            return result
        }
    }

    static let angles: [Function] = [
        Function("math.sin", [.float], .float, "The sine of an angle in radians; EDOM for an infinity.") {
            math($0, steady: true, defined: { $0.isFinite }) { sin($0) }
        },
        Function("math.cos", [.float], .float, "The cosine of an angle in radians; EDOM for an infinity.") {
            math($0, defined: { $0.isFinite }) { cos($0) }
        },
        Function("math.tan", [.float], .float, "The tangent of an angle in radians; EDOM for an infinity.") {
            math($0, steady: true, defined: { $0.isFinite }) { tan($0) }
        },
        Function("math.asin", [.float], .float, "The angle of this sine; EDOM beyond -1 to 1.") {
            math($0, steady: true, defined: { abs($0) <= 1 }) { asin($0) }
        },
        Function("math.acos", [.float], .float, "The angle of this cosine; EDOM beyond -1 to 1.") {
            math($0, defined: { abs($0) <= 1 }) { acos($0) }
        },
        Function("math.atan", [.float], .float, "The angle of this tangent.") {
            math($0, steady: true) { atan($0) }
        },
        Function(
            "math.atan2", [.float, .float], .float,
            "The angle of the point with these coordinates, y first; ERANGE when it is too small."
        ) {
            let (first, second) = ($0.float(0), $0.float(1))
            return .float { context in
                let (y, x) = (first(context), second(context))
                let result = atan2(y, x)
                if result.isSubnormal || (result == 0 && y != 0 && x.isFinite) { _ = context.fail("ERANGE") }
                return result
            }
        },
    ]

    static let hyperbolics: [Function] = [
        Function("math.sinh", [.float], .float, "The hyperbolic sine; ERANGE when it does not fit.") {
            math($0, steady: true) { sinh($0) }
        },
        Function("math.cosh", [.float], .float, "The hyperbolic cosine; ERANGE when it does not fit.") {
            math($0) { cosh($0) }
        },
        Function("math.tanh", [.float], .float, "The hyperbolic tangent.") {
            math($0, steady: true) { tanh($0) }
        },
        Function("math.asinh", [.float], .float, "What this is the hyperbolic sine of.") {
            math($0, steady: true) { asinh($0) }
        },
        Function("math.acosh", [.float], .float, "What this is the hyperbolic cosine of; EDOM below 1.") {
            math($0, defined: { $0 >= 1 }) { acosh($0) }
        },
        Function(
            "math.atanh", [.float], .float,
            "What this is the hyperbolic tangent of; EDOM beyond -1 to 1, ERANGE and an infinity for either."
        ) { math($0, steady: true, defined: { abs($0) <= 1 }) { atanh($0) } },
    ]
}
