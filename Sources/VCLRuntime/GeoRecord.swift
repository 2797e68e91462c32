/// What is known of an address's place and network. A member that is nil is not known; the variables then have the values
/// that Fastly's manual gives for absent data and reserved blocks.
package struct GeoRecord: Sendable, Equatable {
    /// UTF-8.
    package var city: String?
    /// Two letters each, ISO 3166-1 and the continents AF, AN, AS, EU, NA, OC, SA.
    package var continentCode: String?
    package var countryCode: String?
    package var countryName: String?
    /// ISO 3166-2 without the country.
    package var region: String?
    package var postalCode: String?
    /// Degrees.
    package var latitude: Double?
    package var longitude: Double?
    package var metroCode: Int64?
    package var areaCode: Int64?
    /// Hours and minutes from UTC written as one number: -330 is three and a half hours west.
    package var utcOffset: Int64?
    package var connectionSpeed: String?
    package var connectionType: String?
    package var proxyType: String?
    package var proxyDescription: String?
    package var networkNumber: Int64?
    package var networkName: String?

    package init() {}
}
