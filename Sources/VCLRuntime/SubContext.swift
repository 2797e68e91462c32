import VCL

/// What the code of one subroutine is compiled against.
final class SubContext {
    let sub: Subroutine
    let scopes: Scopes
    /// The local variables, each with what its name stood for in a sub that calls this one.
    private(set) var locals: [(word: Word, hidden: Local?)] = []
    /// The subs on the way here, to find recursion.
    let path: [Subroutine]
    /// Whether a statement of it matches a pattern.
    var matches = false

    init(_ sub: Subroutine, path: [Subroutine]) {
        self.sub = sub
        scopes = sub.scopes
        self.path = path
    }

    /// The same sub's variables in other states.
    init(like other: SubContext, scopes: Scopes) {
        sub = other.sub
        self.scopes = scopes
        path = other.path
        locals = other.locals
    }

    func local(_ word: Word) -> Local? {
        guard let local = word.local, local.sub == sub.number else { return nil }
        return local
    }

    func declare(_ word: Word, _ local: Local) {
        locals.append((word, word.local))
        word.local = local
    }

    func forget(_ word: Word) {
        guard let index = locals.lastIndex(where: { $0.word === word }) else { return }
        word.local = locals.remove(at: index).hidden
    }

    func forgetAll() {
        while let (word, hidden) = locals.popLast() { word.local = hidden }
    }
}
