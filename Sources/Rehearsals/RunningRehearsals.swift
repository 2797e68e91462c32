package import Kernel
package import Rehearsal

/// A rehearsal and who runs it.
package struct RehearsalRecord: Sendable, Hashable {
    package var account: RehearsalAccount
    package let person: String

    package init(_ account: RehearsalAccount, person: String) {
        self.account = account
        self.person = person
    }
}

/// The rehearsals that go on, as they said last.
package struct RunningRehearsals: Sendable {
    private struct Heard: Sendable {
        var record: RehearsalRecord
        /// Milliseconds since 1970.
        var at: Int64
    }

    private var heard: [Heard] = []

    package init() {}

    /// The one that began last stands first.
    package var records: [RehearsalRecord] {
        heard.map(\.record).sorted { ($0.account.began, $0.account.id) > ($1.account.began, $1.account.id) }
    }

    /// Takes what a rehearsal says. Returns the record when this was its last word: then it is to be kept.
    package mutating func take(_ account: RehearsalAccount, from person: String, now: Int64)
        throws(Failure) -> RehearsalRecord?
    {
        guard account.isSound else { throw Failure(.invalid, "this is not what a rehearsal says") }
        let record = RehearsalRecord(account, person: person)
        let place = heard.firstIndex { $0.record.account.id == account.id }
        if let place, heard[place].record.person != person {
            throw Failure(.forbidden, "this rehearsal is \(heard[place].record.person)'s")
        }
        if account.ended != nil {
            if let place { heard.remove(at: place) }
            return record
        }
        if let place {
            heard[place] = Heard(record: record, at: now)
        } else {
            guard heard.count < RehearsalsLimits.running else {
                throw Failure(.limit, "\(RehearsalsLimits.running) rehearsals are shown already")
            }
            heard.append(Heard(record: record, at: now))
        }
        return nil
    }

    /// Lets go of those that have said nothing for too long, and returns them as they are to be kept.
    package mutating func takeSilent(now: Int64) -> [RehearsalRecord] {
        let gone = heard.filter { now - $0.at > RehearsalsLimits.silenceMilliseconds }
        guard !gone.isEmpty else { return [] }
        heard.removeAll { now - $0.at > RehearsalsLimits.silenceMilliseconds }
        return gone.map { one in
            var record = one.record
            record.account.ended = one.at
            record.account.cutShort = "nothing more was heard of it"
            return record
        }
    }
}
