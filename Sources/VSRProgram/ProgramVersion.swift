/// The release that both programs are of, as `--version` prints it.
///
/// `CHANGELOG.md` says what each one brought.
public enum ProgramVersion {
    public static let text = "0.1.0"
}
