import EdgeLink
import Kernel
import Testing
import VCLRuntime

@Suite struct EdgeCompileTests {
    private func service(_ id: String, _ text: String, version: Int = 1) -> ServiceProgram {
        ServiceProgram(
            id: id, name: "Service \(id)", version: version, domains: ["\(id).example.com"],
            main: .init(name: "main.vcl", text: text),
            dictionaries: ["words": "\(id)/words", "blocked": "\(id)/blocked"])
    }

    private let text = """
        sub vcl_recv {
          #FASTLY recv
          if (client.ip ~ blocked) { error 403; }
          set req.http.W = table.lookup(words, "w");
        }
        """

    private func document(_ services: [ServiceProgram]) -> EdgeSnapshot {
        EdgeSnapshot(
            number: 4, main: "main.vcl",
            files: ["main.vcl": "sub vcl_recv { set req.http.A = table.lookup(words, \"w\"); }"],
            prelude: "",
            dictionaries: [
                "words": ["w": "own"], "one/words": ["w": "1"], "two/words": ["w": "2"],
                "one/blocked": ["192.0.2.0/24": ""], "two/blocked": [:],
            ], accessLists: ["one/blocked", "two/blocked"], services: services, serviceID: "campaign")
    }

    @Test func makesAProgramOfEachService() throws {
        let snapshot = try document([service("one", text), service("two", text)]).compiled()
        #expect(snapshot.service?.id == "campaign" && snapshot.service?.keyPrefix.isSet == false)
        #expect(snapshot.program.dictionaryNames == ["words"] && snapshot.program.accessListNames.isEmpty)
        let services = try #require(snapshot.services?.snapshots)
        #expect(services.map { $0.service?.id } == ["one", "two"])
        #expect(services.map { $0.service?.version } == [1, 1])
        #expect(services[0].service?.md5.count == 32)
        #expect(services[0].program.accessListNames == ["blocked"])
        #expect(services[0].table(0).lookup(Bytes("w")) == "1")
        #expect(services[1].table(0).lookup(Bytes("w")) == "2")
        #expect(snapshot.table(0).lookup(Bytes("w")) == "own")
    }

    @Test func refusesTheWholeForOneMistake() throws {
        let bad = document([service("one", text), service("two", "sub vcl_recv { set req.ulr = \"\"; }")])
        let failure = #expect(throws: Failure.self) { try bad.compiled() }
        #expect(failure?.message.hasPrefix("the service 'Service two', version 1: ") == true)
        #expect(failure?.message.contains("req.ulr") == true)
    }

    @Test func compilesAnewOnlyWhatChanged() throws {
        let before = document([service("one", text), service("two", text)])
        let first = try before.compiled()
        var after = document([service("one", text, version: 2), service("two", text + "\n", version: 2)])
        after.entries["one/words"] = EntryBlock(["w": "changed"])
        after.number = 5
        let tables = Dictionary(uniqueKeysWithValues: after.entries.map { ($0, Table(name: $0, $1)) })
        let second = try after.compiled(tables: tables, after: (before, first))
        let (old, new) = (try #require(first.services?.snapshots), try #require(second.services?.snapshots))
        #expect(second.program === first.program && new[0].program === old[0].program)
        #expect(new[1].program !== old[1].program && new[1].service?.version == 2)
        #expect(new[0].service?.version == 2 && new[0].number == 5)
        #expect(new[0].table(0).lookup(Bytes("w")) == "changed")
        // A list that is one no more needs another program.
        after.accessLists = ["two/blocked"]
        #expect(throws: Failure.self) { try after.compiled(tables: tables, after: (before, first)) }
    }

    @Test func hasABoundOfServices() {
        let many = (0...ServiceLimits.services).map { service("s\($0)", text) }
        #expect(throws: Failure.self) { try document(many).compiled() }
    }
}
