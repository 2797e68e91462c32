import HTTP1
import Kernel

/// What a User-Agent header says of the client. A modest table of substrings, not a device database: it knows the
/// browsers, systems and bots that make up nearly all visits; whatever it does not know is empty, false or -1, as the
/// manual has it for clients that are not identified.
struct ClientDevice {
    enum Kind: Sendable { case bot, checker, downloader, feedReader }
    enum Hardware: Sendable {
        case desktop, phone, tablet, tv, console, player, reader

        /// `client.platform.hwtype`
        var name: StaticString {
            switch self {
            case .desktop: "desktop"
            case .phone: "smart phone"
            case .tablet: "tablet"
            case .tv: "tv"
            case .console: "game console"
            case .player: "media player"
            case .reader: "ereader"
            }
        }
    }

    var kind: Kind?
    var isBot = false
    var botName = Bytes.empty
    var browserName = Bytes.empty
    var browserVersion = Bytes.empty
    var systemName = Bytes.empty
    var systemVersion = Bytes.empty
    var hardware: Hardware?
    var model = Bytes.empty
    var vendor = Bytes.empty

    /// All that can be known is known.
    var isIdentified: Bool { isBot || (!browserName.isEmpty && hardware != nil) }
    var hasTouchscreen: Bool { hardware == .phone || hardware == .tablet }

    init(_ agent: Bytes, in arena: Arena) {
        guard agent.isSet, !agent.isEmpty else { return }
        findBot(agent)
        findSystem(agent, in: arena)
        findMaker(agent)
        findHardware(agent)
        if !isBot { findBrowser(agent) }
    }

    // MARK: bots

    private struct Bot: Sendable {
        let token: StaticString
        let name: StaticString
        var kind = Kind.bot
    }

    private static let bots: [Bot] = [
        Bot(token: "Googlebot", name: "Googlebot"), Bot(token: "bingbot", name: "BingBot"),
        Bot(token: "DuckDuckBot", name: "DuckDuckBot"), Bot(token: "Baiduspider", name: "Baidu Spider"),
        Bot(token: "YandexBot", name: "Yandex Bot"), Bot(token: "Applebot", name: "Applebot"),
        Bot(token: "facebookexternalhit", name: "Facebook External Hit"),
        Bot(token: "Twitterbot", name: "Twitterbot"), Bot(token: "LinkedInBot", name: "LinkedIn Bot"),
        Bot(token: "Slackbot", name: "Slackbot"), Bot(token: "Discordbot", name: "Discord Bot"),
        Bot(token: "TelegramBot", name: "TelegramBot"), Bot(token: "WhatsApp/", name: "WhatsApp"),
        Bot(token: "AhrefsBot", name: "aHrefs Bot"), Bot(token: "SemrushBot", name: "Semrush Bot"),
        Bot(token: "MJ12bot", name: "MJ12 Bot"), Bot(token: "DotBot", name: "DotBot"),
        Bot(token: "PetalBot", name: "Petal Bot"), Bot(token: "Bytespider", name: "Bytespider"),
        Bot(token: "GPTBot", name: "GPTBot"), Bot(token: "ClaudeBot", name: "ClaudeBot"),
        Bot(token: "PerplexityBot", name: "PerplexityBot"), Bot(token: "CCBot", name: "CCBot"),
        Bot(token: "Amazonbot", name: "Amazon Bot"), Bot(token: "Yahoo! Slurp", name: "Yahoo! Slurp"),
        Bot(token: "YahooCacheSystem", name: "Yahoo! Cache System"),
        Bot(token: "Cloudflare-Traffic-Manager", name: "Cloudflare Traffic Manager", kind: .checker),
        Bot(token: "Pingdom", name: "Pingdom Bot", kind: .checker),
        Bot(token: "UptimeRobot", name: "Uptime Robot", kind: .checker),
        Bot(token: "StatusCake", name: "StatusCake", kind: .checker),
        Bot(token: "Site24x7", name: "Site24x7", kind: .checker),
        Bot(token: "W3C_Validator", name: "W3C Markup Validation Service", kind: .checker),
        Bot(token: "Feedfetcher-Google", name: "FeedFetcher", kind: .feedReader),
        Bot(token: "Feedly", name: "Feedly", kind: .feedReader),
        Bot(token: "NewsBlur", name: "NewsBlur", kind: .feedReader),
        Bot(token: "Tiny Tiny RSS", name: "Tiny Tiny RSS", kind: .feedReader),
        Bot(token: "curl/", name: "curl", kind: .downloader),
        Bot(token: "Wget/", name: "Wget", kind: .downloader),
        Bot(token: "python-requests/", name: "Python Requests", kind: .downloader),
        Bot(token: "Go-http-client/", name: "Go-http-client", kind: .downloader),
        Bot(token: "libwww-perl/", name: "libwww-perl", kind: .downloader),
    ]
    /// Words by which bots that are in no table call themselves.
    private static let botWords: [StaticString] = [
        "bot/", "Bot/", "bot)", "crawler", "Crawler", "spider", "Spider",
    ]

    private mutating func findBot(_ agent: Bytes) {
        for bot in ClientDevice.bots where agent.holds(bot.token) {
            (kind, isBot, botName) = (bot.kind, true, Bytes(bot.name))
            return
        }
        if ClientDevice.botWords.contains(where: { agent.holds($0) }) { (kind, isBot) = (.bot, true) }
    }

    // MARK: systems and hardware

    private static let windows: [(token: StaticString, version: StaticString)] = [
        ("Windows NT 10.0", "10"), ("Windows NT 6.3", "8.1"), ("Windows NT 6.2", "8"),
        ("Windows NT 6.1", "7"),
    ]
    private static let systems: [(token: StaticString, version: StaticString, name: StaticString)] = [
        ("Windows Phone", "Windows Phone ", "Windows Phone"), ("Tizen", "Tizen ", "Tizen"),
        ("Web0S", "Web0S/", "webOS"), ("CrOS", "", "Chrome OS"), ("Android", "Android ", "Android"),
        ("iPhone OS", "iPhone OS ", "iOS"), ("CPU OS", "CPU OS ", "iOS"), ("Mac OS X", "Mac OS X ", "Mac"),
        ("Ubuntu", "Ubuntu/", "Ubuntu"), ("Fedora", "Fedora/", "Fedora"), ("Debian", "Debian/", "Debian"),
        ("PlayStation", "", "PlayStation"), ("Nintendo", "", "Nintendo"), ("Linux", "", "GNU/Linux"),
    ]

    private mutating func findSystem(_ agent: Bytes, in arena: Arena) {
        for row in ClientDevice.windows where agent.holds(row.token) {
            (systemName, systemVersion) = (Bytes("Windows"), Bytes(row.version))
            return
        }
        for row in ClientDevice.systems where agent.holds(row.token) {
            systemName = Bytes(row.name)
            if row.version.utf8CodeUnitCount > 0 {
                systemVersion = ClientDevice.version(behind: row.version, in: agent, arena)
            }
            return
        }
    }

    private static let makers: [(token: StaticString, model: StaticString, vendor: StaticString)] = [
        ("iPhone", "iPhone", "Apple"), ("iPad", "iPad", "Apple"), ("iPod", "iPod touch", "Apple"),
        ("AppleTV", "Apple TV", "Apple"), ("Macintosh", "Mac", "Apple"),
        ("PlayStation 5", "PlayStation 5", "Sony"), ("PlayStation 4", "PlayStation 4", "Sony"),
        ("PlayStation 3", "PlayStation 3", "Sony"), ("Nintendo Switch", "Switch", "Nintendo"),
        ("Nintendo 3DS", "3DS", "Nintendo"), ("Xbox One", "Xbox One", "Microsoft"),
        ("Xbox", "Xbox", "Microsoft"),
        ("Kindle", "Kindle", "Amazon"), ("Roku", "Roku", "Roku"), ("Pixel", "Pixel", "Google"),
        ("SM-", "Galaxy", "Samsung"), ("SAMSUNG", "", "Samsung"), ("BRAVIA", "Bravia", "Sony"),
    ]

    private mutating func findMaker(_ agent: Bytes) {
        for row in ClientDevice.makers where agent.holds(row.token) {
            (model, vendor) = (Bytes(row.model), Bytes(row.vendor))
            return
        }
    }

    private static let hardwares: [(token: StaticString, hardware: Hardware)] = [
        ("PlayStation", .console), ("Xbox", .console), ("Nintendo", .console), ("Roku", .player),
        ("iPod", .player),
        ("AppleTV", .tv), ("SMART-TV", .tv), ("SmartTV", .tv), ("Web0S", .tv), ("BRAVIA", .tv),
        ("Android TV", .tv),
        ("Kindle/", .reader), ("iPad", .tablet), ("Tablet", .tablet), ("iPhone", .phone),
        ("Windows Phone", .phone),
        ("Windows NT", .desktop), ("Macintosh", .desktop), ("CrOS", .desktop), ("X11", .desktop),
    ]

    private mutating func findHardware(_ agent: Bytes) {
        for row in ClientDevice.hardwares where agent.holds(row.token) {
            hardware = row.hardware
            return
        }
        // Android tells phones from tablets by this word alone.
        if agent.holds("Android") { hardware = agent.holds("Mobile") ? .phone : .tablet }
    }

    // MARK: browsers

    private static let browsers: [(token: StaticString, name: StaticString, mobile: StaticString)] = [
        ("Edg/", "Microsoft Edge", "Microsoft Edge"), ("EdgA/", "Microsoft Edge", "Edge Mobile"),
        ("EdgiOS/", "Edge Mobile", "Edge Mobile"), ("OPR/", "Opera", "Opera Mobile"),
        ("SamsungBrowser/", "Samsung Browser", "Samsung Browser"),
        ("FxiOS/", "Firefox Mobile iOS", "Firefox Mobile iOS"),
        ("CriOS/", "Chrome Mobile iOS", "Chrome Mobile iOS"), ("Firefox/", "Firefox", "Firefox Mobile"),
        ("HeadlessChrome/", "Headless Chrome", "Headless Chrome"), ("Chrome/", "Chrome", "Chrome Mobile"),
        ("Version/", "Safari", "Mobile Safari"), ("MSIE ", "Internet Explorer", "Internet Explorer"),
        ("Trident/", "Internet Explorer", "Internet Explorer"), ("okhttp/", "OkHttp", "OkHttp"),
        ("Google-HTTP-Java-Client/", "Google HTTP Java Client", "Google HTTP Java Client"),
    ]

    private mutating func findBrowser(_ agent: Bytes) {
        for row in ClientDevice.browsers {
            guard let at = agent.firstIndex(of: Bytes(row.token)) else { continue }
            let isWebView = row.token.utf8CodeUnitCount == 7 && agent.holds("; wv)")
            browserName =
                isWebView ? Bytes("Chrome Webview") : Bytes(agent.holds("Mobile") ? row.mobile : row.name)
            browserVersion = ClientDevice.number(in: agent, from: at + row.token.utf8CodeUnitCount)
            return
        }
    }

    /// `17_1_2` as `17.1.2`.
    private static func version(behind token: StaticString, in agent: Bytes, _ arena: Arena) -> Bytes {
        guard let at = agent.firstIndex(of: Bytes(token)) else { return .empty }
        let found = number(in: agent, from: at + token.utf8CodeUnitCount)
        guard found.firstIndex(of: UInt8(ascii: "_")) != nil else { return found }
        let copy = arena.allocate(found.count)
        for index in 0..<found.count {
            copy[index] = found[index] == UInt8(ascii: "_") ? UInt8(ascii: ".") : found[index]
        }
        return Bytes(start: copy, count: found.count)
    }

    private static func number(in agent: Bytes, from start: Int) -> Bytes {
        var end = start
        while end < agent.count {
            let byte = agent[end]
            guard byte &- 0x30 < 10 || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") else { break }
            end += 1
        }
        return agent.slice(start, end)
    }
}

extension Bytes {
    fileprivate func holds(_ literal: StaticString) -> Bool { firstIndex(of: Bytes(literal)) != nil }
}

extension Context {
    /// What the request's User-Agent says, looked up once for each value of the header.
    var device: ClientDevice {
        let agent = req.headers[.userAgent]
        guard agent.isSet else { return ClientDevice(.notSet, in: arena) }
        if let known = extras.device, known.agent.start == agent.start, known.agent.count == agent.count {
            return known.found
        }
        let found = ClientDevice(agent, in: arena)
        extras.device = (agent, found)
        return found
    }
}
