import CampaignFile
import Foundation
package import Journey
import Kernel
import Ledger
package import People
import Store

extension Control {
    /// A one-time link for somebody; for others than oneself an admin's right.
    package func makeLink(for person: String, by actor: Actor, argv: [String]) throws -> String {
        if person != actor.name { try require(.admin, actor) }
        guard let base = LocalAccess.read(LocalAccess.path(in: folder))?.url else {
            throw Failure(.unavailable, "the console's address is not known yet", hint: "try again")
        }
        let now = Control.milliseconds()
        let life = SessionLimits.linkLife
        // A token that may do less than its person opens a session that may do no more.
        let role = person == actor.name ? actor.role : Role.admin
        let make = { @Sendable (transaction: StoreTransaction) in
            guard try People.role(of: person, in: transaction) != nil else {
                throw Failure(.notFound, "nobody is named '\(person)'", hint: "hq people list")
            }
            return try People.newLink(for: person, role: role, now: now, in: transaction)
        }
        // One's own way in is no news; a way in for somebody else is.
        guard person != actor.name else { return base + "/login?link=" + (try store.write(make)) }
        let (link, _) = try record(actor, argv) { transaction in
            let change = Change(
                summary: "login link for \(person) made", edits: [],
                noUndo: "it ends by itself after \(life / 60_000) minutes")
            return (try make(transaction), change)
        }
        return base + "/login?link=" + link
    }

    package func openSession(link: String, address: String) throws -> String? {
        let now = Control.milliseconds()
        return try store.write { try People.openSession(link: link, address: address, now: now, in: $0) }
    }

    /// Whose session this is. Looking at it keeps it open, unless it is only `peeked` at.
    package func session(secret: String, peek: Bool = false) throws -> Session? {
        let now = Control.milliseconds()
        guard let session = try store.read({ try People.session(secret: secret, now: now, in: $0) }) else {
            return nil
        }
        if !peek, now - session.seen > 60_000 {
            try store.write { try People.touch(session, now: now, in: $0) }
        }
        return session
    }

    package func endSession(_ id: Int64) throws { try store.write { try People.endSession(id, in: $0) } }

    package func endSessions(of person: String, by actor: Actor, argv: [String]) throws -> Int {
        if person != actor.name { try require(.admin, actor) }
        let now = Control.milliseconds()
        let (count, _) = try record(actor, argv) { transaction in
            let open = try People.sessions(now: now, in: transaction).filter { $0.person == person }
            guard try !open.isEmpty || People.role(of: person, in: transaction) != nil else {
                throw Failure(.notFound, "nobody is named '\(person)'", hint: "hq people list")
            }
            try People.endSessions(of: person, in: transaction)
            let change = Change(
                summary: "\(counted(open.count, "session")) of \(person) ended", edits: [],
                noUndo: "a session that has ended stays so")
            return (open.count, change)
        }
        return count
    }

    // MARK: the second factor

    package func offerFactor(to session: Session) throws -> FactorOffer {
        guard !session.hasFactor else {
            throw Failure(
                .conflict, "you have a second factor already",
                hint: "an admin takes it away with hq people reset-factor \(session.person)")
        }
        let name = campaign.name
        let box = secrets
        let secret = try store.write { transaction in
            if let offer = try People.offer(to: session, in: transaction), let clear = box.open(offer) {
                return clear
            }
            let fresh = OneTimePassword.newSecret()
            try People.offerFactor(box.seal(fresh), to: session, in: transaction)
            return fresh
        }
        return FactorOffer(
            secret: secret,
            link: OneTimePassword.link(secret: secret, person: session.person, campaign: name))
    }

    /// Shows a code of the second factor. The first right one for what was offered makes it hold.
    package func confirm(_ session: Session, code: String) throws {
        let now = Control.milliseconds()
        let box = secrets
        let problem: Failure? = try store.write { transaction in
            let factor = try People.factor(of: session.person, in: transaction)
            guard let sealed = try factor?.sealed ?? People.offer(to: session, in: transaction) else {
                return Failure(.conflict, "there is no second factor to show", hint: "set it up first")
            }
            guard try !People.isLockedOut(session.person, now: now, in: transaction) else {
                return Failure(
                    .limit, "too many wrong codes were shown for \(session.person)",
                    hint: "try again in an hour, or ask an admin for hq people reset-factor \(session.person)"
                )
            }
            guard let secret = box.open(sealed) else {
                return Failure(
                    .unavailable, "the second factor cannot be read on this machine",
                    hint: "bring .hq/secret.key here, or hq people reset-factor \(session.person)")
            }
            let last = factor?.lastStep ?? 0
            if let step = OneTimePassword.step(of: code, secret, now: now, after: last) {
                if factor == nil { try People.adopt(sealed, session, in: transaction) }
                try People.confirm(session, step: step, in: transaction)
                return nil
            }
            let over = try People.countWrongCode(session, now: now, in: transaction)
            return Failure(
                .unauthenticated,
                over ? "too many wrong codes; this session has ended" : "this code is wrong",
                hint: over ? "ask for a new link" : "each code is good once, for about half a minute")
        }
        if let problem { throw problem }
    }

    package func resetFactor(of person: String, by actor: Actor, argv: [String]) throws {
        try require(.admin, actor)
        try record(actor, argv) { transaction in
            guard try People.factor(of: person, in: transaction) != nil else {
                throw Failure(.notFound, "\(person) has no second factor")
            }
            try People.removeFactor(of: person, in: transaction)
            let change = Change(
                summary: "second factor of \(person) taken away", edits: [],
                noUndo: "\(person) sets up a new one at the console")
            return ((), change)
        }
    }

    /// Forgets client addresses that were kept as long as the campaign says.
    package func forgetAddresses() {
        let before = Control.milliseconds() - campaign.addressRetention.nanoseconds / 1_000_000
        try? store.write { try People.forgetAddresses(before: before, in: $0) }
    }
}
