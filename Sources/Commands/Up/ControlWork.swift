import ArgumentParser
import Console
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Origin
import Remote
import UnixSignals

/// What the control plane does by itself: looks for files that changed, carries out what is due, forgets addresses.
enum ControlWork {
    static func run(_ control: Control) async {
        var round = 0
        while !Task.isCancelled {
            for line in await control.runDue() { Terminal.say("control: " + line) }
            if round % 4 == 0, let report = await control.takeOverFiles() {
                Terminal.say("control: " + report.text(colour: false))
            }
            if round % 20 == 0 { await control.tick() }
            if round % 4 == 0 { await keepSilentRehearsals(control) }
            if round % 240 == 0 { await control.forgetAddresses() }
            round += 1
            try? await Task.sleep(for: ScheduleLimits.interval)
        }
    }

    /// Keeps the service elsewhere what it shall be: soon after a change, and now and then to see whether it still is.
    static func followElsewhere(_ control: Control) async {
        var looked = ContinuousClock.now
        while !Task.isCancelled {
            let isBehind = await control.isRemoteBehind
            if isBehind || ContinuousClock.now - looked > RemoteLimits.drift {
                await control.reconcileRemote()
                looked = .now
            }
            // One that does not answer is not asked all the time.
            let waits = isBehind ? await control.isRemoteBehind : false
            try? await Task.sleep(for: waits ? RemoteLimits.retry : .milliseconds(500))
        }
    }

    private static func keepSilentRehearsals(_ control: Control) async {
        do { try await control.keepSilentRehearsals(now: Date().milliseconds) } catch {
            Terminal.say("control: the report of a rehearsal that was killed could not be kept: \(error)")
        }
    }
}
