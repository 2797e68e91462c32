import Testing

@testable import VCLLint

@Suite struct LinterTests {}
