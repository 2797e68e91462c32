import VCL
import VCLRuntime

extension Function {
    var summary: String { "" }
}

extension Variable {
    var summary: String { "" }
}

extension ValueType {
    var typeName: String { rawValue }
}
