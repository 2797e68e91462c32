import HTTP1
import Kernel
import Testing
import VCL

@testable import VCLRuntime

@Suite struct RequestExtrasTests {
    private static let program = """
        sub vcl_recv {
          set req.max_stale_if_error = 1m; set client.sess_timeout = 5s; set client.geo.ip_override = "81.2.69.142";
        }
        sub vcl_miss { set bereq.fetch_timeout = 3s; set waf.anomaly_score = 4; set bereq.http.A = client.os.name; }
        sub vcl_fetch { set beresp.brotli = true; set resp.stale.is_revalidating = true; }
        """

    /// Every variable is read in a state where it exists; none of that may allocate the box for rare settings, except
    /// those that remember a look-up.
    @Test func makesNothingForReading() throws {
        let bench = try Bench(Self.program)
        for variable in Variables.all {
            guard let code = variable.get?.asString else { continue }
            _ = code(bench.context)
        }
        #expect(bench.context.usedExtras == nil)
    }

    @Test func remembersOneLookUpOfTheUserAgent() throws {
        let bench = try Bench(Self.program, headers: [("User-Agent", "curl/8.5.0")])
        #expect(bench.context.device.isBot)
        #expect(bench.context.usedExtras?.device?.found.isBot == true)
        bench.context.req.headers.set(.userAgent, Bytes("Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0"))
        #expect(!bench.context.device.isBot && bench.context.device.browserName == "Firefox")
    }

    @Test func keepsWhatBelongsToTheRequestOverARestart() throws {
        let bench = try Bench(Self.program)
        for scope in [Scope.recv, .miss, .fetch] { _ = bench.run(scope) }
        let extras = try #require(bench.context.usedExtras)
        #expect(extras.pass.fetchTimeout == 3_000_000_000 && extras.pass.firewall[.anomaly] == 4)
        #expect(extras.pass.brotli && extras.pass.isRevalidating == true)
        bench.context.servedBy = 3
        bench.context.resetForPass()
        #expect(extras.pass.fetchTimeout == nil && extras.pass.firewall[.anomaly] == 0)
        #expect(!extras.pass.brotli && extras.pass.isRevalidating == nil && bench.context.servedBy == -1)
        #expect(extras.maxStaleIfError == 60_000_000_000 && extras.sessionTimeout == 5_000_000_000)
        #expect(extras.geoOverride == "81.2.69.142")
    }

    @Test func forgetsAllWithTheRequest() throws {
        let bench = try Bench(Self.program)
        _ = bench.run()
        bench.context.facts = SampleFacts()
        bench.context.traffic.requestBody = 5
        bench.context.deliveryTime = 9
        bench.context.reset(snapshot: bench.context.snapshot)
        #expect(bench.context.usedExtras == nil && bench.context.facts == nil)
        #expect(bench.context.traffic.requestBody == 0 && bench.context.deliveryTime == 0)
    }
}
