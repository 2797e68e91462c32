import Kernel

/// VCL's comparisons of STRINGs. A value that is not set equals nothing, itself included; so `==` is false and `!=` true.
enum Comparison {
    static func equal(_ left: Bytes, _ right: Bytes) -> Bool {
        left.isSet && right.isSet && left == right
    }
}
