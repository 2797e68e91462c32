extension FastlyService {
    /// The program of a service without a main file of its own: what Fastly does then, in every state.
    var standardMain: String {
        """
        sub vcl_recv {
          #FASTLY recv
          if (req.method != "GET" && req.method != "HEAD" && !req.is_purge) { return(pass); }
          return(lookup);
        }

        sub vcl_hash {
          #FASTLY hash
          set req.hash += req.url;
          set req.hash += req.http.Host;
          return(hash);
        }

        sub vcl_hit {
          #FASTLY hit
          if (!obj.cacheable) { return(pass); }
          return(deliver);
        }

        sub vcl_miss {
          #FASTLY miss
          return(fetch);
        }

        sub vcl_pass {
          #FASTLY pass
        }

        sub vcl_fetch {
          #FASTLY fetch
          if ((beresp.status == 500 || beresp.status == 503) && req.restarts < 1
              && (req.method == "GET" || req.method == "HEAD")) {
            restart;
          }
          if (req.restarts > 0) { set beresp.http.Fastly-Restarts = req.restarts; }
          if (beresp.http.Set-Cookie) {
            set req.http.Fastly-Cachetype = "SETCOOKIE";
            return(pass);
          }
          if (beresp.http.Cache-Control ~ "private") {
            set req.http.Fastly-Cachetype = "PRIVATE";
            return(pass);
          }
          if (beresp.status == 500 || beresp.status == 503) {
            set req.http.Fastly-Cachetype = "ERROR";
            set beresp.ttl = 1s;
            set beresp.grace = 5s;
            return(deliver);
          }
          if (!beresp.http.Expires && !beresp.http.Surrogate-Control ~ "max-age"
              && !beresp.http.Cache-Control ~ "(?:s-maxage|max-age)") {
            set beresp.ttl = \(settings.defaultTTL)s;
          }
          return(deliver);
        }

        sub vcl_deliver {
          #FASTLY deliver
          return(deliver);
        }

        sub vcl_error {
          #FASTLY error
        }

        sub vcl_log {
          #FASTLY log
        }

        """
    }
}
