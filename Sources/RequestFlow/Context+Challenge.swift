import HTTP1
import Kernel
package import VCLRuntime

extension Context {
    private static let wish = HeaderName("HQ-Challenge")
    private static let challengeHeaders: [(HeaderName, StaticString)] = [
        (.contentType, "text/html; charset=utf-8"), (HeaderName("Cache-Control"), "no-store"),
        (HeaderName("X-Content-Type-Options"), "nosniff"), (HeaderName("Referrer-Policy"), "same-origin"),
    ]

    /// Whether vcl_recv has asked for a proof (`set req.http.HQ-Challenge = "required";`). A backend does not see that it did.
    package func takeChallengeWish() -> Bool {
        guard req.headers[Context.wish] == Bytes("required") else { return false }
        req.headers.remove(Context.wish)
        return true
    }

    /// The challenge's head as the answer. vcl_deliver does not see it: what a program adds to its pages (policies, cookies) would
    /// break this one.
    package func answerWithChallenge(_ page: ChallengePage) {
        resp.reset()
        resp.status = 403
        resp.reason = HeadWriter.reason(403)
        for (name, value) in Context.challengeHeaders {
            resp.headers.append(HeaderField(name, value: Bytes(value)))
        }
        resp.headers.append(
            HeaderField(HeaderName("Content-Security-Policy"), value: arena.copy(page.policy)))
        state = .synthetic
    }
}
