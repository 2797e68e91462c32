import CQRencode

/// A text as a square for a phone's camera, drawn as SVG.
enum QRCode {
    /// Modules of quiet around the code, as ISO/IEC 18004 asks.
    private static let margin = 4

    /// Empty when the text is too long for a code.
    static func svg(of text: String) -> String {
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { return "" }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let data = code.pointee.data else { return "" }
        var path = ""
        for y in 0..<width {
            for x in 0..<width where data[y * width + x] & 1 == 1 {
                path += "M\(x + margin) \(y + margin)h1v1h-1z"
            }
        }
        let size = width + margin * 2
        return
            "<svg class=\"qr\" viewBox=\"0 0 \(size) \(size)\" role=\"img\" aria-label=\"the key as a QR code\"><path d=\"\(path)\"/></svg>"
    }
}
