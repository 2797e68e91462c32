import ArgumentParser
import Foundation
import Kernel

/// `hq init NAME`: a new campaign that works as it is.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a new campaign in a folder of its name.")
    @Argument(help: "The campaign's name: letters, digits and dashes.") var name: String

    func validate() throws {
        let good =
            name.utf8.allSatisfy { $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D }
            && name.first?.isLetter == true
        if !good || name.count > 63 {
            throw ValidationError("'\(name)' cannot be a name: letters, digits and dashes, a letter first")
        }
    }

    func run() async throws {
        let folder = URL(fileURLWithPath: name)
        guard !FileManager.default.fileExists(atPath: folder.path) else {
            throw Failure(
                .conflict, "'\(name)' exists already", hint: "choose another name, or remove it first")
        }
        for (path, text) in files {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        Terminal.say("made the campaign \(name)\n-> cd \(name) && hq up")
    }

    private var files: [(String, String)] {
        let me = ProcessInfo.processInfo.environment["USER"].flatMap { $0.isEmpty ? nil : $0 } ?? "me"
        let campaign = """
            # The campaign file. `hq check` validates it; a running `hq up` takes changes over.
            campaign: \(name)
            timezone: America/New_York
            people:
              - {name: \(me), role: admin}
            edge:
              vcl: edge/main.vcl
              cache: 256MiB
              backends:
                origin: {sites: true}
            dictionaries:
              redirects:
                about: addresses that go elsewhere, by path
            sites:
              main: {folder: sites/main, domains: [www.\(name).example, www.localhost], default: true}
            calendar:
              - {name: Election day, date: 2028-11-07, freeze: true}

            """
        return [
            ("campaign.yaml", campaign), ("edge/main.vcl", Self.vcl), ("sites/main/index.html", page),
            (".gitignore", ".hq/\n"),
        ]
    }

    private var page: String {
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>\(name)</title>\n<h1>\(name)</h1>\n<p>It works.</p>\n</html>\n"
    }

    private static let vcl = """
        # What the edge does with each request. `redirects` is a dictionary of campaign.yaml.

        # Who may make the edge forget a page with the method PURGE; everybody else has "hq purge".
        acl staff {
          "127.0.0.1";
          "::1";
        }

        sub vcl_recv {
        #FASTLY recv
          if (req.is_purge && !(client.ip ~ staff)) {
            error 403;
          }
          if (table.contains(redirects, req.url.path)) {
            error 601 table.lookup(redirects, req.url.path);
          }
          unset req.http.Cookie;
          set req.backend = F_origin;
          if (req.method != "GET" && req.method != "HEAD" && !req.is_purge) {
            return(pass);
          }
          return(lookup);
        }

        sub vcl_fetch {
        #FASTLY fetch
          if (beresp.status >= 500 && stale.exists) {
            return(deliver_stale);
          }
          if (beresp.http.Set-Cookie) {
            return(pass);
          }
          set beresp.stale_if_error = 1d;
          return(deliver);
        }

        sub vcl_error {
        #FASTLY error
          if (obj.status == 601) {
            set obj.http.Location = obj.response;
            set obj.status = 301;
            set obj.response = "Moved Permanently";
            synthetic "";
            return(deliver);
          }
          if (obj.status >= 500 && stale.exists) {
            return(deliver_stale);
          }
          return(deliver);
        }

        """
}
