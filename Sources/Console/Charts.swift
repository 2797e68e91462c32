import Foundation
import Kernel

/// Small drawings as inline SVG. Colours are the style sheet's classes; no drawing says by colour alone what its text does not say.
enum Charts {
    /// A line over its area, from values at equal distances, the latest at the right.
    static func spark(_ values: [Double], label: String) -> String {
        let top = max(values.max() ?? 0, 1)
        let count = max(values.count - 1, 1)
        let points = values.enumerated().map { index, value in
            "\(number(Double(index) * 600 / Double(count))),\(number(58 - value / top * 54))"
        }
        let line = points.joined(separator: " ")
        return """
            <svg class="spark" viewBox="0 0 600 60" preserveAspectRatio="none" role="img" aria-label="\(label)">\
            <polygon class="area" points="0,58 \(line) 600,58"/><line class="base" x1="0" y1="58" x2="600" y2="58"/>\
            <polyline class="line" points="\(line)"/></svg>
            """
    }

    /// What came about over its area, and what was asked for beside it, on one scale.
    static func lines(_ asked: [Double], _ reached: [Double], label: String) -> String {
        let top = max(asked.max() ?? 0, reached.max() ?? 0, 1)
        func line(_ values: [Double]) -> String {
            let count = max(values.count - 1, 1)
            return values.enumerated().map { index, value in
                "\(number(Double(index) * 600 / Double(count))),\(number(58 - value / top * 54))"
            }.joined(separator: " ")
        }
        return """
            <svg class="spark" viewBox="0 0 600 60" preserveAspectRatio="none" role="img" aria-label="\(label)">\
            <polygon class="area" points="0,58 \(line(reached)) 600,58"/><line class="base" x1="0" y1="58" x2="600" y2="58"/>\
            <polyline class="asked" points="\(line(asked))"/><polyline class="line" points="\(line(reached))"/></svg>
            """
    }

    /// Parts of a whole, side by side.
    static func stacked(_ parts: [(value: Double, fill: String)]) -> String {
        let total = max(parts.reduce(0) { $0 + $1.value }, 1)
        var x = 0.0
        let bars = parts.map { part in
            let width = part.value / total * 600
            defer { x += width }
            return
                "<rect class=\"\(part.fill)\" x=\"\(number(x))\" width=\"\(number(width))\" height=\"18\"/>"
        }
        return
            "<svg viewBox=\"0 0 600 18\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"fill-track\" width=\"600\" height=\"18\"/>\(bars.joined())</svg>"
    }

    static func bar(_ value: Double, of whole: Double) -> String {
        "<svg viewBox=\"0 0 200 14\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"fill-track\" width=\"200\" height=\"14\"/><rect class=\"fill-accent\" width=\"\(number(whole > 0 ? value / whole * 200 : 0))\" height=\"14\"/></svg>"
    }

    private static func number(_ value: Double) -> String { shortDecimal(value) }
}
