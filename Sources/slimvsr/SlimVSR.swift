@main struct SlimVSR { static func main() {} }
