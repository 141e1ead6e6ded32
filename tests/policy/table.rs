//! A table as text: written with aligned columns, read back, and compared cell by cell.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Rows of cells under named columns, each row with a label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    pub(crate) fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, label: impl Into<String>, cells: Vec<String>) {
        self.rows.push((label.into(), cells));
    }

    /// As it is kept in a file. Two blanks at least stand between cells, so a cell may have single ones.
    pub(crate) fn to_text(&self, introduction: &str) -> String {
        let labels = self.rows.iter().map(|it| it.0.len()).max().unwrap_or_default();
        let width = |at: usize| {
            let cells = self.rows.iter().filter_map(|it| it.1.get(at)).map(String::len);
            cells.chain(self.columns.get(at).map(String::len)).max().unwrap_or_default()
        };
        let mut text: String = introduction
            .lines()
            .fold(String::new(), |text, line| text + format!("# {line}").trim_end() + "\n");
        let heading = (String::new(), self.columns.clone());
        for (label, cells) in std::iter::once(&heading).chain(&self.rows) {
            let mut line = format!("{label:labels$}");
            for (at, cell) in cells.iter().enumerate() {
                let _ = write!(line, "  {cell:width$}", width = width(at));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// From a file.
    pub(crate) fn from_text(text: &str) -> Self {
        let mut lines = text.lines().filter(|it| !it.starts_with('#') && !it.trim().is_empty()).map(cells);
        let columns = lines.next().unwrap_or_default();
        let rows =
            lines.filter_map(|mut cells| (!cells.is_empty()).then(|| (cells.remove(0), cells))).collect();
        Self { columns, rows }
    }

    /// What is different in `now`, a line each.
    pub(crate) fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.columns != now.columns {
            found.push(format!("the columns are {:?}, and were {:?}", now.columns, self.columns));
        }
        let before: BTreeMap<_, _> = self.rows.iter().map(|(label, cells)| (label, cells)).collect();
        let after: BTreeMap<_, _> = now.rows.iter().map(|(label, cells)| (label, cells)).collect();
        for (label, cells) in &now.rows {
            let Some(old) = before.get(label) else {
                found.push(format!("`{label}` is not in the matrix"));
                continue;
            };
            for (at, cell) in cells.iter().enumerate() {
                let (column, was) = (now.columns.get(at), old.get(at).map_or("nothing", String::as_str));
                if cell != was {
                    let column = column.map_or("?", String::as_str);
                    found.push(format!("`{label}`, {column}: answered `{cell}`, the matrix says `{was}`"));
                }
            }
        }
        for (label, _) in self.rows.iter().filter(|it| !after.contains_key(&it.0)) {
            found.push(format!("`{label}` is in the matrix, and there no more"));
        }
        found
    }
}

fn cells(line: &str) -> Vec<String> {
    line.split("  ").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::Table;

    fn table(rows: &[(&str, [&str; 2])]) -> Table {
        let mut table = Table::new(["administrator", "without tenant"]);
        for (label, cells) in rows {
            table.row(*label, cells.map(str::to_owned).to_vec());
        }
        table
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let written = table(&[("createRecord Car", ["run", "403 tenant"]), ("echo", ["run", "run"])]);
        let text = written.to_text("Who may do what.\n\nTwo lines.");
        assert_eq!(Table::from_text(&text), written, "{text}");
        assert_eq!(text.lines().last(), Some("echo              run            run"));
    }

    #[test]
    fn every_kind_of_difference_is_told() {
        let committed = table(&[("createRecord Car", ["run", "403 tenant"]), ("gone", ["run", "run"])]);
        let now = table(&[("createRecord Car", ["run", "run"]), ("new", ["run", "run"])]);
        assert_eq!(
            committed.differences(&now),
            [
                "`createRecord Car`, without tenant: answered `run`, the matrix says `403 tenant`",
                "`new` is not in the matrix",
                "`gone` is in the matrix, and there no more",
            ]
        );
        assert_eq!(committed.differences(&committed.clone()), [""; 0]);
    }
}
