import Diagnostics
import HTTP1
import Kernel
import Testing
import VCL

@testable import VCLRuntime

@Suite struct ServiceHostsTests {
    private func snapshot(_ id: String, _ text: String, services: ServiceHosts? = nil) throws -> Snapshot {
        let compiler = Compiler()
        let program = try #require(compiler.compile(SourceFile(name: "\(id).vcl", text: text)))
        return Snapshot(
            number: 1, program: program,
            service: ServiceIdentity(id: id, version: 3, md5: "m", isApart: true), services: services)
    }

    private func campaign() throws -> Snapshot {
        let hosts = ServiceHosts([
            (
                try snapshot("shop", "sub vcl_recv { set req.http.A = req.vcl; }"),
                ["shop.example.com", "*.example.com"]
            ),
            (try snapshot("deep", "sub vcl_recv {}"), ["*.deep.example.com"]),
        ])
        return try snapshot("campaign", "sub vcl_recv {}", services: hosts)
    }

    @Test(arguments: [
        ("shop.example.com", "shop"), ("SHOP.Example.com", "shop"), ("shop.example.com:8080", "shop"),
        ("shop.example.com.", "shop"), ("shop.example.com.:80", "shop"), ("a.example.com", "shop"),
        ("a.b.example.com", "shop"), ("a.deep.example.com", "deep"), ("a.b.deep.example.com", "deep"),
        ("deep.example.com", "shop"), ("example.com", "campaign"), ("notexample.com", "campaign"),
        ("*.example.com", "shop"), ("", "campaign"), (".", "campaign"), (":80", "campaign"),
        ("[::1]:80", "campaign"),
        (String(repeating: "a.", count: 130) + "example.com", "campaign"),
    ])
    func choosesByHost(_ host: String, _ wanted: String) throws {
        let context = Context(snapshot: try campaign(), random: SeededRandom(seed: 0))
        context.reset(snapshot: context.snapshot)
        context.req.headers.append(HeaderField(.host, value: context.arena.copy(host)))
        context.enterService()
        #expect(context.snapshot.service?.id == wanted)
    }

    @Test func tellsAProgramOfItsService() throws {
        let context = Context(snapshot: try campaign(), random: SeededRandom(seed: 0))
        context.reset(snapshot: context.snapshot)
        context.req.headers.append(HeaderField(.host, value: Bytes("shop.example.com")))
        context.enterService()
        _ = context.snapshot.program.run(.recv, context)
        #expect(context.req.headers[HeaderName("A")].string == "shop.3_1-m")
    }

    @Test func changesADictionaryInAllThatReadIt() throws {
        var model = ServiceModel()
        model.dictionaries = ["d"]
        let text = "sub vcl_recv { set req.http.A = table.lookup(d, \"k\"); }"
        let program = try #require(Compiler(model: model).compile(SourceFile(name: "t.vcl", text: text)))
        let service = Snapshot(
            number: 1, program: program,
            service: ServiceIdentity(id: "s", version: 1, md5: "", isApart: true),
            fullNames: ["d": "shop/d"])
        let root = Snapshot(number: 1, program: program, services: ServiceHosts([(service, ["shop"])]))
        func value(_ snapshot: Snapshot, _ host: StaticString) -> String {
            let context = Context(snapshot: snapshot, random: SeededRandom(seed: 0))
            context.reset(snapshot: snapshot)
            context.req.headers.append(HeaderField(.host, value: Bytes(host)))
            context.enterService()
            _ = context.snapshot.program.run(.recv, context)
            #expect(context.snapshot.number == snapshot.number)
            return context.req.headers[HeaderName("A")].string
        }
        let one = root.replacing(Table(name: "shop/d", entries: [(key: "k", value: "service")]), number: 2)
        let two = one.replacing(Table(name: "d", entries: [(key: "k", value: "campaign")]), number: 3)
        #expect(value(root, "shop").isEmpty && value(root, "x").isEmpty)
        #expect(value(one, "shop") == "service" && value(one, "x").isEmpty)
        #expect(value(two, "shop") == "service" && value(two, "x") == "campaign")
        #expect(value(two.renumbered(9), "shop") == "service")
        let rule = ShedRule()
        #expect(two.shedding(rule, number: 4).services?.snapshots[0].shedding == rule)
    }
}
