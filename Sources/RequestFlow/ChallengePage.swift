import Crypto
import Foundation
package import Kernel

/// The page that asks a browser for a proof of work. It brings all that it needs, and a policy under which nothing else runs: its
/// script and its style are known by their hashes (Content Security Policy, level 3, section 6.7.2).
package struct ChallengePage: Sendable {
    /// The value of Content-Security-Policy.
    package let policy: String

    package init() {
        func hash(_ text: String) -> String { Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString() }
        policy =
            "default-src 'none'; script-src 'sha256-\(hash(ChallengePage.script))'; "
            + "style-src 'sha256-\(hash(ChallengePage.style))'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }

    /// The page for one client, in `arena`.
    package func text(_ proof: ProofOfWork, for client: IPAddress, at seconds: Int64, in arena: Arena)
        -> Bytes
    {
        let window = proof.window(at: seconds)
        let seed = String(decoding: proof.seed(for: client, window: window), as: UTF8.self)
        return arena.copy(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="robots" content="noindex">
            <meta name="color-scheme" content="light dark">
            <title>One moment</title>
            <style>\(ChallengePage.style)</style>
            </head>
            <body data-seed="\(seed)" data-window="\(window)" data-bits="\(proof.bits)" \
            data-cookie="\(ProofOfWork.cookie)" data-life="\(proof.lifetimeSeconds * 2)">
            <main>
            <h1>One moment</h1>
            <p id="say" role="status">This site has very many visitors. Your browser does a small calculation, which keeps \
            it open for people; then the page comes by itself.</p>
            <noscript><p>The calculation needs JavaScript. Please switch it on for this site, or come back later.</p></noscript>
            </main>
            <script>\(ChallengePage.script)</script>
            </body>
            </html>

            """)
    }

    private static let style = """
        body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}\
        main{max-width:34rem;padding:1.5rem}h1{font-size:1.6rem}
        """

    /// Hashes by itself: a browser has crypto.subtle only where the connection is secure, and a call of it for each try would
    /// take longer than the try. The seed and a number fit into one block, so that a hash is one run of the compression function
    /// (FIPS 180-4, section 6.2). Works in slices, so that the page stays alive, and gives up rather than reload for ever.
    private static let script = """
        (function () {
          "use strict";
          var d = document.body.dataset, bits = +d.bits, n = 0;
          var K = [], H = [], w = new Int32Array(64), p = 2, i, j;
          function fraction(x) { return ((x - Math.floor(x)) * 4294967296) | 0; }
          while (K.length < 64) {
            for (j = 2; j * j <= p && p % j; j++) {}
            if (j * j > p) {
              if (H.length < 8) H.push(fraction(Math.sqrt(p)));
              K.push(fraction(Math.cbrt(p)));
            }
            p++;
          }
          function r(x, k) { return (x >>> k) | (x << (32 - k)); }
          function first(text) {
            w.fill(0);
            for (i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
            w[i >> 2] |= 128 << (24 - 8 * (i & 3));
            w[15] = text.length * 8;
            for (i = 16; i < 64; i++) {
              var x = w[i - 15], y = w[i - 2];
              w[i] = w[i - 16] + (r(x, 7) ^ r(x, 18) ^ (x >>> 3)) + w[i - 7] + (r(y, 17) ^ r(y, 19) ^ (y >>> 10));
            }
            var a = H[0], b = H[1], c = H[2], e = H[4], f = H[5], g = H[6], h = H[7], k = H[3], t, u;
            for (i = 0; i < 64; i++) {
              t = (h + (r(e, 6) ^ r(e, 11) ^ r(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
              u = ((r(a, 2) ^ r(a, 13) ^ r(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
              h = g; g = f; f = e; e = (k + t) | 0; k = c; c = b; b = a; a = (t + u) | 0;
            }
            return (a + H[0]) | 0;
          }
          function say(text) { document.getElementById("say").textContent = text; }
          function tries() {
            try {
              var s = sessionStorage, now = Date.now(), last = (s.getItem("hq-proof") || "0 0").split(" ");
              var count = now - last[1] < 60000 ? +last[0] + 1 : 1;
              s.setItem("hq-proof", count + " " + now);
              return count;
            } catch (e) { return 1; }
          }
          function done() {
            var value = d.cookie + "=" + d.window + "-" + n;
            document.cookie = value + "; path=/; max-age=" + d.life + "; samesite=lax"
              + (location.protocol === "https:" ? "; secure" : "");
            if (document.cookie.indexOf(value) < 0) {
              return say("This needs a cookie, and this browser keeps none. Please allow it for this site.");
            }
            if (tries() > 5) return say("It did not work. Please come back in some minutes.");
            location.reload();
          }
          function work() {
            var end = Date.now() + 30;
            do { if (Math.clz32(first(d.seed + n)) >= bits) return done(); n++; } while (n % 64 || Date.now() < end);
            setTimeout(work, 0);
          }
          work();
        })();
        """
}
