//! Drawings as SVG within the page.

use super::marks::escaped;
use crate::platform::drawing::{Anchor, Drawing, Look, Mark, Place};
use crate::reports::document::Chart;
use crate::reports::formats::charts;

/// A chart with its name and what it shows, for those who cannot see it.
pub fn of_chart(chart: &Chart) -> String {
    let Drawing { width, height, marks } = charts::drawing(chart);
    let code = chart.code;
    format!(
        "<svg role=\"img\" viewBox=\"0 0 {width:.0} {height:.0}\" aria-labelledby=\"{code}-t {code}-d\">\
         <title id=\"{code}-t\">{}</title><desc id=\"{code}-d\">{}</desc>{}</svg>",
        escaped(&chart.title),
        escaped(&chart.summary),
        marks.iter().map(drawn).collect::<String>()
    )
}

fn drawn(mark: &Mark) -> String {
    match mark {
        Mark::Text { at: (x, y), anchor, is_tick, words } => {
            let class = if *is_tick { " class=\"tick\"" } else { "" };
            format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{}\"{class}>{}</text>", anchored(*anchor), escaped(words))
        }
        Mark::Line { from: (x1, y1), to: (x2, y2), look } => {
            format!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" class=\"{}\"/>", look.name())
        }
        Mark::Bar { at: (x, y), size: (width, height), look } => format!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"2\" class=\"{}\"/>",
            look.name()
        ),
        Mark::Dot { at: (x, y), radius, look } => {
            format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" class=\"{}\"/>", look.name())
        }
        Mark::Path { points, look } => format!("<path d=\"{}\" class=\"{}\"/>", path(points, *look), look.name()),
    }
}

fn anchored(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    }
}

/// What is filled is closed.
fn path(points: &[Place], look: Look) -> String {
    let step = |(place, (x, y)): (usize, &Place)| format!("{}{x:.1} {y:.1}", if place == 0 { 'M' } else { 'L' });
    let end = if look.fill().is_some() { "Z" } else { "" };
    points.iter().enumerate().map(step).collect::<String>() + end
}

#[cfg(test)]
mod tests {
    use super::super::style::STYLE;
    use super::*;
    use crate::platform::drawing::{Colour, TEXT, TEXT_COLOUR, TICK, TICK_COLOUR};

    fn hex([red, green, blue]: Colour) -> String {
        let text = format!("#{red:02x}{green:02x}{blue:02x}");
        if text == "#ffffff" { "#fff".to_owned() } else { text }
    }

    #[test]
    fn the_style_of_the_page_draws_marks_as_they_look() {
        for look in Look::ALL {
            let rule = format!("svg .{}{{", look.name());
            let rest = STYLE.split_once(&rule).unwrap_or_else(|| panic!("no rule {rule}")).1;
            let said: Vec<&str> = rest.split_once('}').expect("an end").0.split(';').collect();
            let mut expected = Vec::new();
            match (look.fill(), look.pen()) {
                (Some(fill), _) => expected.push(format!("fill:{}", hex(fill))),
                (None, Some(_)) if matches!(look, Look::Taken | Look::Plan) => expected.push("fill:none".to_owned()),
                _ => {}
            }
            if let Some(pen) = look.pen() {
                expected.push(format!("stroke:{}", hex(pen.colour)));
                expected.push(format!("stroke-width:{}", pen.width));
                expected.extend(pen.dash.map(|[stroke, gap]| format!("stroke-dasharray:{stroke} {gap}")));
            }
            assert_eq!(said, expected, "{rule}");
        }
        assert!(STYLE.contains(&format!("svg text{{font:{TEXT}px")) && STYLE.contains(&format!("fill:{}}}", hex(TEXT_COLOUR))));
        assert!(STYLE.contains(&format!("svg .tick{{fill:{};font-size:{TICK}px}}", hex(TICK_COLOUR))));
    }
}
