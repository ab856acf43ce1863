//! One column of a batch: an array, which is read where it lies, or a sequence that may have holes.

use std::fmt;

use numpy::{Element, PyReadonlyArray1, ndarray::ArrayView1};
use pyo3::prelude::*;

use crate::error::{coded, type_error};

/// What Python gave. A column that was not given has no items.
pub(crate) enum Column<'py, T: Element> {
    Array(PyReadonlyArray1<'py, T>),
    Items(Vec<Option<T>>),
}

/// The same without Python, for any thread.
pub(crate) enum Cells<'a, T> {
    Array(ArrayView1<'a, T>),
    Items(&'a [Option<T>]),
}

type ParseCell<'py, T> = fn(fmt::Arguments<'_>, &Bound<'py, PyAny>) -> PyResult<T>;

impl<'py, T: Element + Copy> Column<'py, T> {
    pub(crate) fn parse(
        name: &str,
        given: &Bound<'py, PyAny>,
        parse_cell: ParseCell<'py, T>,
    ) -> PyResult<Self> {
        if let Ok(array) = given.extract() {
            return Ok(Self::Array(array));
        }
        let cells = given
            .try_iter()
            .map_err(|_| type_error(format_args!("{name}"), "an array or a sequence", given))?;
        let parse = |(position, cell): (usize, PyResult<Bound<'py, PyAny>>)| {
            let cell = cell?;
            let parsed = (!cell.is_none()).then(|| parse_cell(format_args!("{name}[{position}]"), &cell));
            parsed.transpose()
        };
        cells.enumerate().map(parse).collect::<PyResult<_>>().map(Self::Items)
    }

    /// A column that need not be given, but if it is, with so many rows as the times.
    pub(crate) fn parse_beside(
        times: &Column<'py, f64>,
        name: &str,
        given: Option<&Bound<'py, PyAny>>,
        parse_cell: ParseCell<'py, T>,
    ) -> PyResult<Self> {
        let Some(given) = given else { return Ok(Self::Items(vec![])) };
        let column = Self::parse(name, given, parse_cell)?;
        let (rows, length) = (times.cells().len(), column.cells().len());
        if length == rows {
            return Ok(column);
        }
        let message = format!("{name} must be as many as times, {rows}, got {length}");
        Err(coded(given.py(), "out_of_range", message))
    }

    pub(crate) fn cells(&self) -> Cells<'_, T> {
        match self {
            Self::Array(array) => Cells::Array(array.as_array()),
            Self::Items(items) => Cells::Items(items),
        }
    }
}

impl<T: Copy> Cells<'_, T> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Array(array) => array.len(),
            Self::Items(items) => items.len(),
        }
    }

    pub(crate) fn get(&self, row: usize) -> Option<T> {
        match self {
            Self::Array(array) => array.get(row).copied(),
            Self::Items(items) => items.get(row).copied().flatten(),
        }
    }
}
