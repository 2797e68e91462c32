import Kernel
import Testing

@testable import VCLRuntime

@Suite struct ShedRuleTests {
    @Test(arguments: [
        ("/donate", true), ("/donate/", true), ("/donate/now?x=1", true), ("/donate?x", true),
        ("/donated", false), ("/Donate", false), ("/", false), ("", false), ("*", false),
        ("/api", false), ("/api/", true), ("/api/v1", true), ("/apis", false),
        ("http://h/donate", true), ("https://h:1/donate?x=/", true), ("http://h/x?/donate", false),
        ("http://h", false), ("h:443", false), ("/x?p=/donate", false), ("/x/donate", false),
    ])
    func knowsWhatLiesBelow(target: String, isExempt: Bool) {
        let rule = ShedRule(except: ["/donate", "/api/"])
        #expect(target.withBytes { rule.exempts($0) } == isExempt)
        #expect(!target.withBytes { ShedRule().exempts($0) })
    }

    @Test func exemptsAllBelowTheRoot() {
        #expect("/anything".withBytes { ShedRule(except: ["/"]).exempts($0) })
    }
}
