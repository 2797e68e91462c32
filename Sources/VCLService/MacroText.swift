/// What Fastly does in each state of every service, whatever its objects are.
enum MacroText {
    /// Snippets may say by the variable whether the request goes through the backend's shield.
    static let recv = """
        if (req.restarts == 0) {
          if (!req.http.X-Timer) {
            set req.http.X-Timer = "S" time.start.sec "." time.start.usec_frac;
          }
          set req.http.X-Timer = req.http.X-Timer ",VS0";
        }
        declare local var.fastly_req_do_shield BOOL;
        set var.fastly_req_do_shield = (req.restarts == 0);

        """

    /// vcl_deliver cannot see the object's lifetime; the debug headers carry it there.
    static let hit = """
        set req.http.Fastly-Tmp-Obj-TTL = obj.ttl;
        set req.http.Fastly-Tmp-Obj-Grace = obj.grace;
        set req.http.Fastly-Cachetype = "HIT";

        """

    static let miss = """
        unset req.http.Fastly-Tmp-Obj-TTL;
        unset req.http.Fastly-Tmp-Obj-Grace;
        if (req.http.Fastly-Check-SHA1) { error 550 "Doesnt exist"; }

        """

    static let backendRequest = """
        if (req.http.Fastly-FF) { set bereq.http.Fastly-Client = "1"; }
        unset bereq.http.Fastly-Original-Cookie;
        unset bereq.http.Fastly-Original-URL;
        unset bereq.http.Fastly-Vary-String;
        unset bereq.http.X-Varnish-Client;
        if (req.http.Fastly-Temp-XFF) {
          if (req.http.Fastly-Temp-XFF == "") {
            unset bereq.http.X-Forwarded-For;
          } else {
            set bereq.http.X-Forwarded-For = req.http.Fastly-Temp-XFF;
          }
        }

        """

    static let staleIfError = """
        if (beresp.status >= 500 && beresp.status < 600) {
          if (stale.exists) { return(deliver_stale); }
          if (req.restarts < 1 && (req.method == "GET" || req.method == "HEAD")) { restart; }
        }

        """

    static let fetch = """
        set beresp.http.Fastly-Debug-Path = "(F " server.identity " " now.sec ") "
          if(beresp.http.Fastly-Debug-Path, beresp.http.Fastly-Debug-Path, "");
        if (req.http.Fastly-Vary-String) {
          set beresp.http.Vary = "Fastly-Vary-String, " if(beresp.http.Vary, beresp.http.Vary, "");
        }

        """

    static let forcedTLS = """
        if (obj.status == 801) {
          set obj.status = 301;
          set obj.response = "Moved Permanently";
          set obj.http.Location = "https://" req.http.Host req.url;
          synthetic "";
          return(deliver);
        }

        """

    static let error = """
        if (req.http.Fastly-Restart-On-Error && obj.status == 503 && req.restarts == 0) { restart; }
        if (obj.status == 550) { return(deliver); }

        """

    static let deliver = """
        if (req.http.Fastly-Debug || req.http.Fastly-FF) {
          set resp.http.Fastly-Debug-Path = "(D " server.identity " " now.sec ") "
            if(resp.http.Fastly-Debug-Path, resp.http.Fastly-Debug-Path, "");
          set resp.http.Fastly-Debug-TTL = if(obj.hits > 0, "(H ", "(M ") server.identity
            if(req.http.Fastly-Tmp-Obj-TTL && req.http.Fastly-Tmp-Obj-Grace,
              " " req.http.Fastly-Tmp-Obj-TTL " " req.http.Fastly-Tmp-Obj-Grace " ", " - - ")
            if(resp.http.Age, resp.http.Age, "-") ") "
            if(resp.http.Fastly-Debug-TTL, resp.http.Fastly-Debug-TTL, "");
        } else {
          unset resp.http.Fastly-Debug-Path;
          unset resp.http.Fastly-Debug-TTL;
          unset resp.http.Fastly-Debug-Digest;
        }
        set resp.http.X-Served-By = if(resp.http.X-Served-By, resp.http.X-Served-By ", ", "") server.identity;
        set resp.http.X-Cache = if(resp.http.X-Cache, resp.http.X-Cache ", ", "")
          if(fastly_info.state ~ "HIT(?:-|\\z)", "HIT", "MISS");
        set resp.http.X-Cache-Hits = if(resp.http.X-Cache-Hits, resp.http.X-Cache-Hits ", ", "") obj.hits;
        if (req.http.X-Timer) { set resp.http.X-Timer = req.http.X-Timer ",VE" time.elapsed.msec; }
        if (resp.http.Vary) {
          set resp.http.Vary = regsub(resp.http.Vary, "Fastly-Vary-String, ", "");
          if (resp.http.Vary ~ "^\\s*$") { unset resp.http.Vary; }
        }
        unset resp.http.X-Varnish;
        set req.http.Surrogate-Key = resp.http.Surrogate-Key;
        set req.http.Surrogate-Control = resp.http.Surrogate-Control;
        if (!req.http.Fastly-FF && !req.http.Fastly-Debug) {
          unset resp.http.Surrogate-Key;
          unset resp.http.Surrogate-Control;
        }
        if (resp.status == 550) { return(deliver); }

        """
}
