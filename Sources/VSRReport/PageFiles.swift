/// The files of `Page/`, which are compiled into this module, so that pages are written wherever a
/// program is installed.
enum PageFiles {
    /// The style sheet: light and dark, from phones to wide screens.
    static let styleSheet = text(PackageResources.page_css)

    /// The page's behavior: the sliders.
    ///
    /// Free of `<` and `&`, so that the page stays well-formed XML.
    static let script = text(PackageResources.page_js)

    private static func text(_ bytes: [UInt8]) -> String {
        "\n\(String(decoding: bytes, as: UTF8.self))"
    }
}
