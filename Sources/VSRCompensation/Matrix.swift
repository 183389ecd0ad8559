import CKernels
import Dispatch

/// A number that the kernels multiply matrices of.
protocol MatrixScalar: BinaryFloatingPoint & Sendable {
    static func multiply(
        _ rows: Int, _ columns: Int, _ depth: Int, _ a: UnsafePointer<Self>, _ aRow: Int,
        _ aColumn: Int, _ b: UnsafePointer<Self>, _ bRow: Int, _ c: UnsafeMutablePointer<Self>,
        _ cRow: Int, isUpper: Bool)
}

extension Float: MatrixScalar {
    static func multiply(
        _ rows: Int, _ columns: Int, _ depth: Int, _ a: UnsafePointer<Float>, _ aRow: Int,
        _ aColumn: Int, _ b: UnsafePointer<Float>, _ bRow: Int, _ c: UnsafeMutablePointer<Float>,
        _ cRow: Int, isUpper: Bool
    ) {
        vsr_multiply_floats(
            rows, columns, depth, a, aRow, aColumn, b, bRow, c, cRow, isUpper ? 1 : 0, ~0)
    }
}

extension Double: MatrixScalar {
    static func multiply(
        _ rows: Int, _ columns: Int, _ depth: Int, _ a: UnsafePointer<Double>, _ aRow: Int,
        _ aColumn: Int, _ b: UnsafePointer<Double>, _ bRow: Int,
        _ c: UnsafeMutablePointer<Double>, _ cRow: Int, isUpper: Bool
    ) {
        vsr_multiply_doubles(
            rows, columns, depth, a, aRow, aColumn, b, bRow, c, cRow, isUpper ? 1 : 0, ~0)
    }
}

/// A dense matrix, row by row.
struct Matrix<Scalar: MatrixScalar>: Equatable, Sendable {
    let rows: Int
    let columns: Int
    var values: [Scalar]

    init(rows: Int, columns: Int, values: [Scalar]) {
        precondition(values.count == rows * columns, "a matrix holds rows × columns values")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    init(rows: Int, columns: Int) {
        self.init(
            rows: rows, columns: columns, values: Array(repeating: 0, count: rows * columns))
    }

    subscript(row: Int, column: Int) -> Scalar {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// The rows and columns named, in their order.
    func gathered(rows: [Int], columns: [Int]) -> Matrix {
        var result = Matrix(rows: rows.count, columns: columns.count)
        for (i, row) in rows.enumerated() {
            for (j, column) in columns.enumerated() {
                result.values[i * columns.count + j] = values[row * self.columns + column]
            }
        }
        return result
    }

    /// The rows named, in their order.
    func gathered(rows: [Int]) -> Matrix {
        var result: [Scalar] = []
        result.reserveCapacity(rows.count * columns)
        for row in rows { result += values[row * columns..<(row + 1) * columns] }
        return Matrix(rows: rows.count, columns: columns, values: result)
    }

    /// The columns named, in their order.
    func gathered(columns: [Int]) -> Matrix {
        gathered(rows: Array(0..<rows), columns: columns)
    }

    var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for row in 0..<rows {
            for column in 0..<columns { result.values[column * rows + row] = self[row, column] }
        }
        return result
    }

    /// Adds the product of `left` and `right`.
    mutating func add(_ left: Matrix, times right: Matrix) {
        precondition(
            left.columns == right.rows && left.rows == rows && right.columns == columns,
            "sizes of factors fit the product")
        guard rows > 0, columns > 0, left.columns > 0 else { return }
        let (rows, columns) = (rows, columns)
        values.withUnsafeMutableBufferPointer { c in
            left.values.withUnsafeBufferPointer { a in
                right.values.withUnsafeBufferPointer { b in
                    Scalar.multiply(
                        rows, columns, left.columns, a.start, left.columns, 1,
                        b.start, columns, c.start, columns, isUpper: false)
                }
            }
        }
    }
}
