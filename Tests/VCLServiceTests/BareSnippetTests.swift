import Diagnostics
import Kernel
import Testing
import VCL
import VCLRuntime

@testable import VCLService

@Suite struct BareSnippetTests {
    private func file(_ text: String, _ name: String = "s.vcl") -> SourceFile {
        SourceFile(name: name, text: text)
    }

    @Test func checksASnippetWhereItStands() {
        let snippet = file("set beresp.ttl = 10s;\nset req.backend = F_origin;\n")
        #expect(BareSnippet.check(snippet, .fetch).map(\.message) == [])
        let found = BareSnippet.check(snippet, .recv)
        #expect(found.map(\.line) == [1] && found.first?.file == "s.vcl")
    }

    @Test func knowsWhatItsServiceHas() throws {
        let service = try Bench.service(
            #"{"backends": [{"name": "web", "address": "127.0.0.1"}], "dictionaries": [{"name": "moved"}]}"#)
        let snippet = file("if (table.contains(moved, req.url)) { set req.backend = F_web; }")
        #expect(BareSnippet.check(snippet, .recv, in: service).isEmpty)
        #expect(!BareSnippet.check(snippet, .recv).isEmpty)
    }

    @Test func checksDeclarationsAsInit() {
        #expect(BareSnippet.check(file("table t { }\nsub f { log \"x\"; }"), .`init`).isEmpty)
    }

    @Test(
        arguments: [
            ("recv.vcl", .recv), ("magento/fetch_images.vcl", .fetch), ("vcl/home_error.vcl", .error),
            ("snippets/deliver/x.vcl", .deliver), ("snippets/recv-10-error-pages.vcl", .recv),
            ("vcl_hash.vcl", .hash), ("tables.vcl", nil), ("check_miss-pass.vcl", .pass),
        ] as [(String, FastlyService.Snippet.Kind?)])
    func guessesTheTypeFromThePath(path: String, kind: FastlyService.Snippet.Kind?) {
        #expect(BareSnippet.kind(ofPath: path) == kind)
    }

    @Test(
        arguments: [
            ("set req.http.A = \"1\";", .recv), ("set beresp.ttl = 1s;", .fetch),
            ("if (resp.status == 404) { set resp.http.A = \"1\"; }", .deliver),
            ("synthetic {\"x\"};", .error), ("set bereq.http.A = \"1\";", .miss), ("acl a { }", .`init`),
        ] as [(String, FastlyService.Snippet.Kind)])
    func guessesTheTypeFromTheCode(text: String, kind: FastlyService.Snippet.Kind) {
        #expect(BareSnippet.kind(of: file(text)) == kind)
    }

    @Test func believesTheCodeMoreThanThePath() {
        let code = "if (beresp.status == 503) { error 601; }"
        #expect(BareSnippet.kind(of: file(code, "vcl/custom_error.vcl")) == .fetch)
        #expect(BareSnippet.kind(of: file("log \"x\";", "vcl/on_deliver.vcl")) == .deliver)
    }

    @Test(
        arguments: [
            ("set req.http.A = \"1\";", true), ("sub vcl_recv { }", false), ("# nothing", false),
            ("backend a { .host = \"x\"; }", false), ("if (true) { esi; }\nsub x { }", false),
        ] as [(String, Bool)])
    func tellsStatementsFromPrograms(text: String, bare: Bool) {
        #expect(BareSnippet.isBare(file(text)) == bare)
    }
}
