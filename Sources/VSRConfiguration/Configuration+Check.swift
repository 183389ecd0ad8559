import VSRCore

extension Configuration {
    /// Checks every group of settings, then what concerns several of them.
    ///
    /// - Throws: `invalidArgument` naming the full key (`optimizer.rate`), the value found and the
    ///   values permitted; what ``validate()`` throws otherwise.
    public func check() throws {
        do {
            try checkGroups()
        } catch let fault as InvalidSetting {
            throw fault.error()
        }
    }

    private func checkGroups() throws {
        for case (let key?, let child) in Mirror(reflecting: self).children {
            guard let group = child as? any Configuration else { continue }
            do {
                try group.checkGroups()
            } catch let fault as InvalidSetting {
                throw fault.within(key)
            }
        }
        try validate()
    }
}
