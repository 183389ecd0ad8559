import VSRTestSupport

// For all files of these tests.
typealias TemporaryFile = VSRTestSupport.TemporaryFile
