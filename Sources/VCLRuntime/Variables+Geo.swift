import Kernel
import VCL

extension Variables {
    static let geo: [Variable] = [
        Variable(
            "client.geo.area_code", .all, .integer { $0.geo.areaCode ?? 0 },
            "The telephone area code; 0 when it is not known."),
        Variable(
            "client.geo.city", .all, .string { $0.geoASCII($0.geo.city) },
            "The city in lower case without marks; ? when it is not known."),
        Variable(
            "client.geo.city.ascii", .all, .string { $0.geoASCII($0.geo.city) },
            "The city in lower case without marks; ? when it is not known."),
        Variable(
            "client.geo.city.latin1", .all, .string { $0.geoLatin1($0.geo.city) },
            "The city in ISO 8859-1; ? when it is not known."),
        Variable(
            "client.geo.city.utf8", .all, .string { $0.geoText($0.geo.city) },
            "The city in UTF-8; ? when it is not known."),
        Variable(
            "client.geo.continent_code", .all, .string { $0.geoText($0.geo.continentCode) },
            "The continent in two letters; ? when it is not known."),
        Variable(
            "client.geo.country_code", .all, .string { $0.geoText($0.geo.countryCode) },
            "The country in two letters of ISO 3166-1; ? when it is not known."),
        Variable(
            "client.geo.country_code3", .all, .string { $0.geoText($0.geo.countryCode3) },
            "The country in three letters of ISO 3166-1; ? when it is not known."),
        Variable(
            "client.geo.country_name", .all, .string { $0.geoASCII($0.geo.countryName) },
            "The country's name in lower case without marks; ? when it is not known."),
        Variable(
            "client.geo.country_name.ascii", .all, .string { $0.geoASCII($0.geo.countryName) },
            "The country's name in lower case without marks; ? when it is not known."),
        Variable(
            "client.geo.country_name.latin1", .all, .string { $0.geoLatin1($0.geo.countryName) },
            "The country's name in ISO 8859-1; ? when it is not known."),
        Variable(
            "client.geo.country_name.utf8", .all, .string { $0.geoText($0.geo.countryName) },
            "The country's name in UTF-8; ? when it is not known."),
        Variable(
            "client.geo.region", .all, .string { $0.geoText($0.geo.region) },
            "The region by ISO 3166-2, without the country; ? when it is not known."),
        Variable(
            "client.geo.region.ascii", .all, .string { $0.geoASCII($0.geo.region) },
            "The region in lower case without marks; ? when it is not known."),
        Variable(
            "client.geo.region.latin1", .all, .string { $0.geoLatin1($0.geo.region) },
            "The region in ISO 8859-1; ? when it is not known."),
        Variable(
            "client.geo.region.utf8", .all, .string { $0.geoText($0.geo.region) },
            "The region in UTF-8; ? when it is not known."),
        Variable(
            "client.geo.ip_override", .all, .string { $0.usedExtras?.geoOverride ?? .notSet },
            set: .string { $0.extras.geoOverride = $1 },
            "The address that client.geo.* tell of in place of client.ip; text that is no address counts as client.ip."
        ),
        Variable(
            "client.geo.latitude", .all, .float { $0.geo.latitude ?? 0 },
            "Degrees north of the equator; 0 when they are not known."),
        Variable(
            "client.geo.longitude", .all, .float { $0.geo.longitude ?? 0 },
            "Degrees east of Greenwich; 0 when they are not known."),
        Variable(
            "client.geo.metro_code", .all, .integer { $0.geo.metroCode ?? -1 },
            "The metropolitan area's code; -1 when it is not known."),
        Variable(
            "client.geo.postal_code", .all, .string { $0.geoText($0.geo.postalCode) },
            "The postal code; ? when it is not known."),
        Variable(
            "client.geo.conn_speed", .all, .string { $0.geoText($0.geo.connectionSpeed) },
            "The speed of the connection, such as broadband or mobile; ? when it is not known."),
        Variable(
            "client.geo.conn_type", .all, .string { $0.geoText($0.geo.connectionType) },
            "The kind of connection, such as wired, wifi or mobile; ? when it is not known."),
        Variable(
            "client.geo.proxy_type", .all, .string { $0.geoText($0.geo.proxyType) },
            "The kind of proxy that the address is; ? when it is none that is known."),
        Variable(
            "client.geo.proxy_description", .all, .string { $0.geoText($0.geo.proxyDescription) },
            "What the proxy at the address is, such as vpn or tor-exit; ? when it is none that is known."),
        Variable(
            "client.geo.utc_offset", .all, .integer { $0.geo.utcOffset ?? 9999 },
            "Hours and minutes from UTC as one number; 9999 when they are not known."),
        Variable(
            "client.geo.gmt_offset", .all, .integer { $0.geo.utcOffset ?? 9999 },
            replacement: "client.geo.utc_offset", "The same as client.geo.utc_offset."),
    ]

    /// The older names, of a data set without IPv6.
    static let legacyGeo: [Variable] = [
        Variable(
            "geoip.area_code", .all, .integer { $0.legacyGeo.areaCode ?? 0 },
            replacement: "client.geo.area_code",
            "The telephone area code; 0 when it is not known."),
        Variable(
            "geoip.city", .all, .string { $0.geoText($0.legacyGeo.city) }, replacement: "client.geo.city",
            "The city in UTF-8; ? when it is not known."),
        Variable(
            "geoip.city.ascii", .all, .string { $0.geoASCII($0.legacyGeo.city) },
            replacement: "client.geo.city.ascii",
            "The city in lower case without marks; ? when it is not known."),
        Variable(
            "geoip.city.latin1", .all, .string { $0.geoLatin1($0.legacyGeo.city) },
            replacement: "client.geo.city.latin1",
            "The city in ISO 8859-1; ? when it is not known."),
        Variable(
            "geoip.city.utf8", .all, .string { $0.geoText($0.legacyGeo.city) },
            replacement: "client.geo.city.utf8",
            "The city in UTF-8; ? when it is not known."),
        Variable(
            "geoip.continent_code", .all, .string { $0.geoText($0.legacyGeo.continentCode) },
            replacement: "client.geo.continent_code",
            "The continent in two letters; ? when it is not known."),
        Variable(
            "geoip.country_code", .all, .string { $0.geoText($0.legacyGeo.countryCode) },
            replacement: "client.geo.country_code",
            "The country in two letters of ISO 3166-1; ? when it is not known."),
        Variable(
            "geoip.country_code3", .all, .string { $0.geoText($0.legacyGeo.countryCode3) },
            replacement: "client.geo.country_code3",
            "The country in three letters of ISO 3166-1; ? when it is not known."),
        Variable(
            "geoip.country_name", .all, .string { $0.geoText($0.legacyGeo.countryName) },
            replacement: "client.geo.country_name",
            "The country's name in UTF-8; ? when it is not known."),
        Variable(
            "geoip.country_name.ascii", .all, .string { $0.geoASCII($0.legacyGeo.countryName) },
            replacement: "client.geo.country_name.ascii",
            "The country's name in lower case without marks; ? when it is not known."),
        Variable(
            "geoip.country_name.latin1", .all, .string { $0.geoLatin1($0.legacyGeo.countryName) },
            replacement: "client.geo.country_name.latin1",
            "The country's name in ISO 8859-1; ? when it is not known."),
        Variable(
            "geoip.country_name.utf8", .all, .string { $0.geoText($0.legacyGeo.countryName) },
            replacement: "client.geo.country_name.utf8",
            "The country's name in UTF-8; ? when it is not known."),
        Variable(
            "geoip.region", .all, .string { $0.geoText($0.legacyGeo.region) },
            replacement: "client.geo.region",
            "The region in UTF-8; ? when it is not known."),
        Variable(
            "geoip.region.ascii", .all, .string { $0.geoASCII($0.legacyGeo.region) },
            replacement: "client.geo.region.ascii",
            "The region in lower case without marks; ? when it is not known."),
        Variable(
            "geoip.region.latin1", .all, .string { $0.geoLatin1($0.legacyGeo.region) },
            replacement: "client.geo.region.latin1",
            "The region in ISO 8859-1; ? when it is not known."),
        Variable(
            "geoip.region.utf8", .all, .string { $0.geoText($0.legacyGeo.region) },
            replacement: "client.geo.region.utf8",
            "The region in UTF-8; ? when it is not known."),
        Variable(
            "geoip.ip_override", .all, .string { $0.usedExtras?.geoOverride ?? .notSet },
            set: .string { $0.extras.geoOverride = $1 }, replacement: "client.geo.ip_override",
            "The address that geoip.* tell of in place of client.ip; text that is no address counts as client.ip."
        ),
        Variable(
            "geoip.use_x_forwarded_for", .all, .bool { $0.usedExtras?.geoUsesForwardedFor ?? false },
            set: .bool { $0.extras.geoUsesForwardedFor = $1 }, replacement: "client.geo.ip_override",
            "Whether the first address of X-Forwarded-For is looked up in place of client.ip."),
        Variable(
            "geoip.latitude", .all, .float { $0.legacyGeo.latitude ?? 0 }, replacement: "client.geo.latitude",
            "Degrees north of the equator; 0 when they are not known."),
        Variable(
            "geoip.longitude", .all, .float { $0.legacyGeo.longitude ?? 0 },
            replacement: "client.geo.longitude",
            "Degrees east of Greenwich; 0 when they are not known."),
        Variable(
            "geoip.metro_code", .all, .integer { $0.legacyGeo.metroCode ?? -1 },
            replacement: "client.geo.metro_code",
            "The metropolitan area's code; -1 when it is not known."),
        Variable(
            "geoip.postal_code", .all, .string { $0.geoText($0.legacyGeo.postalCode) },
            replacement: "client.geo.postal_code",
            "The postal code; ? when it is not known."),
    ]
}
