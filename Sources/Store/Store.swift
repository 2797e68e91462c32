import Foundation
import GRDB
import Kernel

/// A value of a column, in the types that SQLite and PostgreSQL share.
package enum StoreValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
}

extension StoreValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    package init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
}

/// One step of a capability's tables, run once and never changed afterwards.
package struct Migration: Sendable {
    /// `dict/1-entries`: the capability, then its own count.
    package let name: String
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}

/// The campaign's state: one SQLite file in WAL mode. Writers queue behind each other, readers see the last commit. SQL is
/// the common subset of SQLite and PostgreSQL.
package final class Store: Sendable {
    private let pool: DatabasePool
    package let path: String

    /// Opens or creates the file and runs the migrations that it lacks, in the order given.
    package init(path: String, migrations: [Migration]) throws {
        self.path = path
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // An acknowledged change survives a power cut, not only a crash.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA foreign_keys = ON")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            var migrator = DatabaseMigrator()
            for migration in migrations {
                migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
            }
            try migrator.migrate(pool)
        } catch let error as DatabaseError {
            throw Failure(
                .unavailable, "cannot open the store \(path)", hint: error.message,
                context: ["sqlite": "\(error)"])
        }
    }

    /// Everything that `body` writes is committed together, or, when it throws, nothing.
    package func write<T: Sendable>(_ body: @Sendable (StoreTransaction) throws -> T) throws -> T {
        try pool.write { try body(StoreTransaction(database: $0)) }
    }

    package func read<T: Sendable>(_ body: @Sendable (StoreTransaction) throws -> T) throws -> T {
        try pool.read { try body(StoreTransaction(database: $0)) }
    }

    /// Writes everything into the file itself and lets go of it.
    package func close() throws {
        try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try pool.close()
    }

    /// A consistent copy, made while others read and write.
    package func backup(to path: String) throws {
        let destination = try DatabaseQueue(path: path)
        try pool.backup(to: destination)
        try destination.close()
    }

    /// Replaces everything by what stands in `path`, in one step for all readers.
    package func restore(from path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let source = try DatabaseQueue(path: path, configuration: configuration)
        let check = try source.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        guard check == "ok" else { throw Failure(.invalid, "'\(path)' is damaged", hint: check) }
        try source.backup(to: pool)
        try source.close()
    }

    /// SQLite's own check of the whole file: `ok`, or what is wrong.
    package func integrity() throws -> String {
        try pool.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") ?? "no answer" }
    }
}

/// The statements of one transaction. Not kept beyond it.
package struct StoreTransaction {
    let database: Database

    /// One statement, which is read once however often it comes.
    package func execute(_ sql: String, _ arguments: [StoreValue] = []) throws {
        _ = try rowsChanged(by: sql, arguments)
    }

    /// The same; returns how many rows it inserted, changed or deleted.
    package func rowsChanged(by sql: String, _ arguments: [StoreValue] = []) throws -> Int {
        let statement = try database.cachedStatement(sql: sql)
        try statement.execute(arguments: StatementArguments(arguments.map(\.column)))
        return database.changesCount
    }

    package func rows(_ sql: String, _ arguments: [StoreValue] = []) throws -> [StoreRow] {
        let statement = try database.cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: StatementArguments(arguments.map(\.column))).map {
            StoreRow($0)
        }
    }

    /// The two texts of each row, one row at a time: for what is too much to be held at once.
    package func forEachPair(
        _ sql: String, _ arguments: [StoreValue] = [], _ body: (String, String) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            database, sql: sql, arguments: StatementArguments(arguments.map(\.column)))
        while let row = try rows.next() { try body(row[0], row[1]) }
    }

    package func row(_ sql: String, _ arguments: [StoreValue] = []) throws -> StoreRow? {
        try rows(sql, arguments).first
    }
}

/// A row's values by column name. A column that the statement did not ask for is a mistake of ours.
package struct StoreRow: Sendable {
    private let values: [String: StoreValue]

    init(_ row: Row) {
        var values: [String: StoreValue] = [:]
        for (name, value) in row {
            switch value.storage {
            case .null: values[name] = .null
            case .int64(let number): values[name] = .integer(number)
            case .double(let number): values[name] = .integer(Int64(number))
            case .string(let text): values[name] = .text(text)
            case .blob(let data): values[name] = .text(String(decoding: data, as: UTF8.self))
            }
        }
        self.values = values
    }

    package func text(_ column: String) -> String {
        guard case .text(let value) = self[column] else { return "" }
        return value
    }

    package func optionalText(_ column: String) -> String? {
        guard case .text(let value) = self[column] else { return nil }
        return value
    }

    package func integer(_ column: String) -> Int64 { optionalInteger(column) ?? 0 }

    package func optionalInteger(_ column: String) -> Int64? {
        guard case .integer(let value) = self[column] else { return nil }
        return value
    }

    private subscript(column: String) -> StoreValue {
        guard let value = values[column] else {
            preconditionFailure("the statement has no column '\(column)'")
        }
        return value
    }
}

extension StoreValue {
    var column: (any DatabaseValueConvertible)? {
        switch self {
        case .null: nil
        case .integer(let value): value
        case .text(let value): value
        }
    }
}
