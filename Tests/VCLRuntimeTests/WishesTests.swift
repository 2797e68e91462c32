import Kernel
import Testing
import VCL

@testable import VCLRuntime

@Suite struct WishesTests {
    /// The context lends the bytes of its wishes.
    private func context(_ statements: String) throws -> Context {
        let bench = try Bench("sub vcl_deliver { \(statements) }")
        _ = bench.run(.deliver)
        return bench.context
    }

    @Test func asksForASlowResponse() throws {
        #expect(
            try context("resp.tarpit(5, 1000);").wishes.tarpit == Wishes.Tarpit(interval: 5, chunkBytes: 1000)
        )
        #expect(try context("resp.tarpit(5);").wishes.tarpit == Wishes.Tarpit(interval: 5, chunkBytes: 100))
        #expect(try context("resp.tarpit(0); resp.tarpit(5, -1);").wishes.tarpit == nil)
    }

    @Test func keepsHintsToOneLineEach() throws {
        let found = try context(
            "early_hints(\"link: </a>%0D%0AX: y\", \"\", req.http.None, \"link: </b>\");")
        #expect(found.wishes.earlyHints.map(\.string) == ["link: </a>", "link: </b>"])
    }

    @Test func asksForNoMoreThanItMay() throws {
        let many = String(repeating: "early_hints(\"a: b\"); h2.push(\"/a\");", count: 100)
        #expect(try context(many).wishes.earlyHints.count == VCLRuntimeLimits.hints)
        #expect(try context(many).wishes.pushes.count == VCLRuntimeLimits.hints)
    }

    @Test func asksOfHTTP2And3() throws {
        let found = try context(
            "h2.push(\"/a.css\", \"style\"); h2.disable_header_compression(\"A\", \"b c\"); h3.alt_svc();")
        #expect(found.wishes.pushes.map { "\($0.url.string) \($0.kind.string)" } == ["/a.css style"])
        #expect(found.wishes.uncompressedHeaders.map(\.string) == ["A"])
        #expect(found.wishes.advertisesHTTP3)
    }

    @Test func forgetsThemForTheNextRequest() throws {
        let bench = try Bench("sub vcl_recv { h3.alt_svc(); early_hints(\"a: b\"); }")
        _ = bench.run()
        bench.context.reset(snapshot: bench.context.snapshot)
        #expect(!bench.context.wishes.advertisesHTTP3 && bench.context.wishes.earlyHints.isEmpty)
    }
}
