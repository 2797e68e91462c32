import Dictionaries
import Services
import Store

/// The dictionaries and ACLs of a service are dictionaries of the campaign, which the service owns.
enum ServicesToDictionaries {
    static func declare(_ service: String, in transaction: StoreTransaction) throws {
        try Dictionaries.declare(
            try Services.declarations(of: service, in: transaction), owner: service, in: transaction)
    }
}
