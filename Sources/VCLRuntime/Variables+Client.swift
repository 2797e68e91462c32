import Kernel
import VCL

extension Variables {
    static let client: [Variable] = [
        Variable(
            "client.ip", .all, .ip { $0.clientAddress }, "The address at the other end of the connection."),
        Variable("client.port", .all, .integer { Int64($0.clientPort) }, "The client's TCP or UDP port."),
        Variable(
            "client.requests", .all, .integer { Int64($0.requestNumber) },
            "Requests on this connection, this one included."),
        Variable(
            "client.identity", .all,
            .string {
                $0.clientIdentity.isSet ? $0.clientIdentity : Format.address($0.clientAddress, in: $0.arena)
            },
            set: .string { $0.clientIdentity = $1 },
            "What a client director chooses its backend by; the client's address unless set."),
        Variable(
            "client.sess_timeout", .all, .rtime { $0.usedExtras?.sessionTimeout ?? 600_000_000_000 },
            set: .rtime { $0.extras.sessionTimeout = $1 },
            "How long the connection may be idle, 10 minutes unless set; recorded for the edge."),
        Variable(
            "client.as.name", .all, .string { $0.geoText($0.geo.networkName) },
            "The name of the client's autonomous system; ? when it is not known."),
        Variable(
            "client.as.number", .all, .integer { $0.geo.networkNumber ?? 0 },
            "The number of the client's autonomous system; 0 when it is not known."),
    ]

    static let device: [Variable] = [
        Variable(
            "client.bot.name", .all, .string { $0.device.botName },
            "The name of the bot that the User-Agent names; empty for others."),
        Variable(
            "client.browser.name", .all, .string { $0.device.browserName },
            "The browser's name by the User-Agent; empty when it is not known."),
        Variable(
            "client.browser.version", .all, .string { $0.device.browserVersion },
            "The browser's version by the User-Agent; empty when it is not known."),
        Variable(
            "client.class.bot", .all, .bool { $0.device.isBot },
            "Whether the User-Agent is that of a program."),
        Variable(
            "client.class.browser", .all, .bool { !$0.device.browserName.isEmpty },
            "Whether the User-Agent is that of a browser."),
        Variable(
            "client.class.checker", .all, .bool { $0.device.kind == .checker },
            replacement: "client.class.bot",
            "Whether the User-Agent is that of a monitor or validator."),
        Variable(
            "client.class.downloader", .all, .bool { $0.device.kind == .downloader },
            replacement: "client.class.bot", "Whether the User-Agent is that of a download tool."),
        Variable(
            "client.class.feedreader", .all, .bool { $0.device.kind == .feedReader },
            replacement: "client.class.bot", "Whether the User-Agent is that of a feed reader."),
        Variable(
            "client.class.filter", .all, .bool { _ in false }, replacement: "client.class.bot",
            "Whether the client filters content; false, for a User-Agent does not say."),
        Variable(
            "client.class.masquerading", .all, .bool { _ in false }, replacement: "client.class.bot",
            "Whether the client claims to be another; false, for a User-Agent does not say."),
        Variable(
            "client.class.spam", .all, .bool { _ in false }, replacement: "client.class.bot",
            "Whether the client spams; false, for a User-Agent does not say."),
        Variable(
            "client.display.height", .all, .integer { _ in -1 }, replacement: "",
            "The display's height in pixels; -1, for a User-Agent does not say."),
        Variable(
            "client.display.ppi", .all, .integer { _ in -1 }, replacement: "",
            "The display's pixels an inch; -1, for a User-Agent does not say."),
        Variable(
            "client.display.width", .all, .integer { _ in -1 }, replacement: "",
            "The display's width in pixels; -1, for a User-Agent does not say."),
        Variable(
            "client.display.touchscreen", .all, .bool { $0.device.hasTouchscreen },
            "Whether the device is one that people touch: a phone or a tablet."),
        Variable(
            "client.identified", .all, .bool { $0.device.isIdentified },
            "Whether the User-Agent is known well enough for a false in client.* to mean no."),
        Variable(
            "client.os.name", .all, .string { $0.device.systemName }, "The system's name by the User-Agent."),
        Variable(
            "client.os.version", .all, .string { $0.device.systemVersion },
            "The system's version by the User-Agent."),
        Variable(
            "client.platform.ereader", .all, .bool { $0.device.hardware == .reader }, replacement: "",
            "Whether the device is a reader of electronic books."),
        Variable(
            "client.platform.gameconsole", .all, .bool { $0.device.hardware == .console },
            "Whether the device is a game console."),
        Variable(
            "client.platform.hwtype", .all, .string { Bytes($0.device.hardware?.name ?? "") },
            "The kind of device, such as desktop, smart phone, tablet or tv; empty when it is not known."),
        Variable(
            "client.platform.mediaplayer", .all, .bool { $0.device.hardware == .player },
            "Whether the device plays media, on its own or on a television set."),
        Variable(
            "client.platform.mobile", .all, .bool { $0.device.hardware == .phone },
            "Whether the device is a phone."),
        Variable(
            "client.platform.model", .all, .string { $0.device.model },
            "The device's model, where it is known."),
        Variable(
            "client.platform.smarttv", .all, .bool { $0.device.hardware == .tv },
            "Whether the device is a television set."),
        Variable(
            "client.platform.tablet", .all, .bool { $0.device.hardware == .tablet },
            "Whether the device is a tablet."),
        Variable(
            "client.platform.tvplayer", .all, .bool { $0.device.hardware == .player }, replacement: "",
            "Whether the device plays media on a television set."),
        Variable(
            "client.platform.vendor", .all, .string { $0.device.vendor },
            "The device's maker, where it is known."),
    ]
}
