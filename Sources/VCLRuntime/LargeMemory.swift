#if canImport(Glibc)
    import Glibc
#endif

/// Memory of tables. What is large lies in pages of two megabytes, where the kernel has them (Documentation/admin-guide/mm/transhuge):
/// a look-up in a hundred megabytes of small pages waits for the processor to find the page as long as for the memory itself.
enum LargeMemory {
    private static let pageBytes = 2 << 20

    /// Freed by `deallocate()`, or `free`.
    static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        guard byteCount >= 2 * pageBytes else {
            return .allocate(byteCount: max(byteCount, 8), alignment: 8)
        }
        var start: UnsafeMutableRawPointer?
        guard posix_memalign(&start, pageBytes, byteCount) == 0, let start else {
            fatalError("no memory for a table of \(byteCount) bytes")
        }
        // Whole pages alone: the last one, if it is not full, stays small.
        madvise(start, byteCount / pageBytes * pageBytes, MADV_HUGEPAGE)
        return start
    }
}
