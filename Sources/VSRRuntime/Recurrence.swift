/// How hidden states go from frame to frame of a clip of any length: the order in which an
/// executor's steps are run.
protocol Recurrence: AnyObject {
    /// Frames that can be pulled now.
    var ready: Int { get }

    /// Takes the next picture; none is ready when it is called.
    func push(_ source: PictureSource) throws

    /// Says that no picture follows; those held back become ready.
    func endClip() throws

    /// Finishes the next ready frame.
    func pull(into target: PictureTarget) throws

    /// The slots of the hidden states that the frame pulled last was made from, in the order of the
    /// blueprint's branches; `nil` before it.
    var shownStates: [Int]? { get }

    /// The slots of all states that frames to come are computed from; `nil` while frames are ready.
    ///
    /// With these states, and with the flows between pictures that are held, which can be estimated
    /// anew, the clip goes on.
    var carriedStates: [Int]? { get }

    /// Lets flows between held pictures be estimated anew.
    func forgetFlows()
}
