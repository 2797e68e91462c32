package import Diagnostics

/// The program of an edge that was given none: a plain shared cache by RFC 9111 that serves stale rather than an error.
package enum DefaultVCL {
    package static func source(originHost: String, originPort: Int) -> SourceFile {
        SourceFile(
            name: "default.vcl",
            text: """
                backend F_origin { .host = "\(originHost)"; .port = "\(originPort)"; }

                \(states)
                """)
    }

    package static let states = """
        sub vcl_recv {
          set req.backend = F_origin;
          if (req.method != "GET" && req.method != "HEAD" && !req.is_purge) { return(pass); }
          return(lookup);
        }

        sub vcl_hash {
          set req.hash += req.url;
          set req.hash += req.http.Host;
          return(hash);
        }

        sub vcl_miss {
          # A part is fetched as a part, unless the whole is here.
          if (req.http.Range && !req.http.If-Range) { set bereq.http.Range = req.http.Range; }
          return(fetch);
        }

        sub vcl_fetch {
          if (beresp.status >= 500 && stale.exists) { return(deliver_stale); }
          # A cookie is one visitor's, unless the origin says in so many words that all may have it.
          if (beresp.http.Set-Cookie && beresp.http.Cache-Control !~ "(?i)max-?age" && !beresp.http.Expires
              && !beresp.http.Surrogate-Control && !beresp.http.CDN-Cache-Control) {
            return(pass);
          }
          # While the origin is down, a page of yesterday is better than none; unless it may not be stale.
          if (beresp.stale_if_error == 0s
              && beresp.http.Cache-Control !~ "(?i)(must-revalidate|proxy-revalidate|s-maxage|no-cache)"
              && beresp.http.CDN-Cache-Control !~ "(?i)(must-revalidate|proxy-revalidate|s-maxage|no-cache)") {
            set beresp.stale_if_error = 86400s;
          }
          return(deliver);
        }

        sub vcl_error {
          if (obj.status >= 500 && stale.exists) { return(deliver_stale); }
          return(deliver);
        }
        """
}
