import Foundation
import Kernel
import Testing

@testable import Store

@Suite struct StoreTests {
    let path = NSTemporaryDirectory() + "hq-store-\(UUID().uuidString).sqlite"
    let migrations = [Migration("t/1", "CREATE TABLE t (k TEXT PRIMARY KEY, v BIGINT)")]

    @Test func commitsAllOrNothing() throws {
        let store = try Store(path: path, migrations: migrations)
        #expect(throws: Failure.self) {
            try store.write { transaction in
                try transaction.execute("INSERT INTO t VALUES (?, ?)", ["a", 1])
                throw Failure(.invalid, "no")
            }
        }
        #expect(try store.read { try $0.rows("SELECT * FROM t").count } == 0)
    }

    @Test func backsUpAndRestoresWhileOpen() throws {
        let store = try Store(path: path, migrations: migrations)
        try store.write { try $0.execute("INSERT INTO t VALUES (?, ?)", ["a", 1]) }
        try store.backup(to: path + ".backup")
        try store.write { try $0.execute("DELETE FROM t") }
        try store.restore(from: path + ".backup")
        #expect(try store.read { try $0.row("SELECT v FROM t WHERE k = 'a'")?.integer("v") } == 1)
        #expect(try store.integrity() == "ok")
    }

    @Test func keepsItsStateAcrossOpening() throws {
        try Store(path: path, migrations: migrations).write {
            try $0.execute("INSERT INTO t VALUES ('a', NULL)")
        }
        let again = try Store(
            path: path, migrations: migrations + [Migration("t/2", "ALTER TABLE t ADD COLUMN w TEXT")])
        #expect(try again.read { try $0.row("SELECT v, w FROM t")?.optionalInteger("v") } == nil)
    }

    @Test func sealsSecretsThatOnlyItsKeyOpens() throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-key-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let box = try SecretBox(keyFile: folder.appendingPathComponent("a"))
        let sealed = try box.seal("JBSWY3DP")
        let another = try box.seal("JBSWY3DP")
        #expect(!sealed.contains("JBSWY3DP") && sealed != another)
        #expect(try SecretBox(keyFile: folder.appendingPathComponent("a")).open(sealed) == "JBSWY3DP")
        #expect(try SecretBox(keyFile: folder.appendingPathComponent("b")).open(sealed) == nil)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent("a").path)
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }
}
