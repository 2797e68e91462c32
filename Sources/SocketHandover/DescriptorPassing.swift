#if canImport(Glibc)
    import Glibc
#endif

/// Open files through a Unix socket, with bytes that say what they are (SCM_RIGHTS, unix(7)). Blocking.
enum DescriptorPassing {
    /// What the kernel takes in one message (SCM_MAX_FD).
    static let most = 253

    /// The control message before the descriptors: its length as a word, level and type; 16 bytes on 64-bit systems.
    private static let header = MemoryLayout<cmsghdr>.size

    static func send(_ descriptors: [CInt], _ bytes: [UInt8], over socket: CInt) -> Bool {
        precondition(!descriptors.isEmpty && descriptors.count <= most && !bytes.isEmpty)
        let length = header + descriptors.count * MemoryLayout<CInt>.size
        var control = [UInt](repeating: 0, count: (length + 7) / 8)
        return control.withUnsafeMutableBytes { control in
            var head = cmsghdr()
            head.cmsg_len = length
            head.cmsg_level = SOL_SOCKET
            head.cmsg_type = CInt(SCM_RIGHTS)
            control.storeBytes(of: head, as: cmsghdr.self)
            for (index, descriptor) in descriptors.enumerated() {
                control.storeBytes(
                    of: descriptor, toByteOffset: header + index * MemoryLayout<CInt>.size, as: CInt.self)
            }
            var bytes = bytes
            return withMessage(control, &bytes) { sendmsg(socket, $0, CInt(MSG_NOSIGNAL)) }
                == bytes.count
        }
    }

    /// Nil when the other side is gone or sent something else. At most `limit` bytes.
    static func receive(over socket: CInt, limit: Int) -> (descriptors: [CInt], bytes: [UInt8])? {
        var control = [UInt](repeating: 0, count: (header + most * MemoryLayout<CInt>.size + 7) / 8)
        var bytes = [UInt8](repeating: 0, count: limit)
        return control.withUnsafeMutableBytes { control in
            let (count, used) = withMessage(control, &bytes) { message in
                let count = recvmsg(socket, message, CInt(MSG_CMSG_CLOEXEC))
                return (count, Int(message.pointee.msg_controllen))
            }
            guard count > 0, used >= header else { return nil }
            let head = control.load(as: cmsghdr.self)
            guard head.cmsg_level == SOL_SOCKET, head.cmsg_type == CInt(SCM_RIGHTS) else {
                return nil
            }
            let places = stride(from: header, to: min(Int(head.cmsg_len), used), by: MemoryLayout<CInt>.size)
            let descriptors = places.map { control.load(fromByteOffset: $0, as: CInt.self) }
            return (descriptors, Array(bytes[..<count]))
        }
    }

    private static func withMessage<R>(
        _ control: UnsafeMutableRawBufferPointer, _ bytes: inout [UInt8],
        _ run: (UnsafeMutablePointer<msghdr>) -> R
    ) -> R {
        bytes.withUnsafeMutableBytes { raw in
            var piece = iovec(iov_base: raw.baseAddress, iov_len: raw.count)
            return withUnsafeMutablePointer(to: &piece) { piece in
                var message = msghdr()
                message.msg_iov = piece
                message.msg_iovlen = 1
                message.msg_control = control.baseAddress
                message.msg_controllen = control.count
                return run(&message)
            }
        }
    }
}
