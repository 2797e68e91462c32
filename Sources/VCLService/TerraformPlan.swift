import Kernel

/// The Fastly services of a Terraform plan or state, as `terraform show -json` prints it: the service
/// resources of all modules with the entries, items and contents that further resources give them.
package struct TerraformPlan: Sendable {
    /// In the plan's order.
    package private(set) var services: [FastlyService] = []
    /// Addresses of resources whose service, or the part of it that they fill, is not in the plan.
    package private(set) var unlinked: [String] = []

    /// Throws `Failure(.invalid)` with line and column, or with the place in the plan.
    package init(_ bytes: [UInt8], name: String = "the plan") throws {
        let json = try JSONReader.read(bytes, name: name)
        let path: JSONPath
        let root: JSONValue
        if let values = json["planned_values"] {
            (root, path) = (values, JSONPath("planned_values"))
        } else if let values = json["values"] {
            (root, path) = (values, JSONPath("values"))
        } else {
            throw Failure(
                .invalid, "\(name) is no plan of Terraform: it has no 'planned_values'",
                hint: "make it with: terraform plan -out tf.plan && terraform show -json tf.plan")
        }
        var resources: [Resource] = []
        if let module = root["root_module"] {
            collect(module, path.child("root_module"), into: &resources)
        }
        for resource in resources where TerraformPlan.services.contains(resource.type) {
            services.append(try TerraformPlan.service(resource))
        }
        guard !services.isEmpty else {
            throw Failure(
                .invalid, "\(name) has no resource of the type 'fastly_service_vcl'",
                hint: "make the plan in the folder of the service's module")
        }
        for resource in resources { try link(resource) }
    }

    private struct Resource {
        let type: String
        /// The key of `for_each`.
        let index: String
        let label: String
        let address: String
        let values: JSONValue
        let path: JSONPath
    }

    private static let services: Set<String> = ["fastly_service_vcl", "fastly_service_v1"]

    private func collect(_ module: JSONValue, _ path: JSONPath, into resources: inout [Resource]) {
        for (number, json) in (module["resources"]?.elements ?? []).enumerated() {
            guard let type = json["type"]?.string, let values = json["values"], values != .null else {
                continue
            }
            let label = json["name"]?.string ?? ""
            resources.append(
                Resource(
                    type: type, index: json["index"]?.string ?? "", label: label,
                    address: json["address"]?.string ?? "\(type).\(label)", values: values,
                    path: path.child("resources").child(number).child("values")))
        }
        for (number, child) in (module["child_modules"]?.elements ?? []).enumerated() {
            collect(child, path.child("child_modules").child(number), into: &resources)
        }
    }

    private static func service(_ resource: Resource) throws -> FastlyService {
        var service = try FastlyService(resource.values, at: resource.path)
        try service.settings.read(resource.values, at: resource.path)
        if service.name.isEmpty { service.name = resource.label }
        for (number, json) in (resource.values["dynamicsnippet"]?.elements ?? []).enumerated() {
            var snippet = try FastlyService.Snippet(
                json, at: resource.path.child("dynamicsnippet").child(number))
            snippet.isDynamic = true
            service.snippets.append(snippet)
        }
        return service
    }

    // MARK: what further resources say

    private mutating func link(_ resource: Resource) throws {
        let done: Bool
        switch resource.type {
        case "fastly_service_dictionary_items", "fastly_service_dictionary_items_v1":
            let items = try resource.values["items"].map {
                $0 == .null
                    ? [] : try FastlyService.Dictionary.items($0, at: resource.path.child("items"))
            }
            done = fill(resource, \.dictionaries, "dictionary_id", name: \.name, id: \.id) {
                $0.items += items ?? []
            }
        case "fastly_service_acl_entries", "fastly_service_acl_entries_v1":
            let parsed = try FastlyService.ACL(resource.values, at: resource.path)
            done = fill(resource, \.acls, "acl_id", name: \.name, id: \.id) { $0.entries += parsed.entries }
        case "fastly_service_dynamic_snippet_content", "fastly_service_dynamic_snippet_content_v1":
            let content = resource.values["content"]?.string ?? ""
            done = fill(resource, \.snippets, "snippet_id", name: \.name, id: \.id) { $0.content = content }
        default: return
        }
        if !done { unlinked.append(resource.address) }
    }

    /// A part is found by its id; before the first apply there is none yet, and the key of `for_each`, or the
    /// resource's label, names it.
    private mutating func fill<Part>(
        _ resource: Resource, _ parts: WritableKeyPath<FastlyService, [Part]>, _ idField: String,
        name: KeyPath<Part, String>, id: KeyPath<Part, String>, _ change: (inout Part) -> Void
    ) -> Bool {
        let serviceID = resource.values["service_id"]?.string ?? ""
        guard
            let service = services.firstIndex(where: { !serviceID.isEmpty && $0.id == serviceID })
                ?? (services.count == 1 && (serviceID.isEmpty || services[0].id.isEmpty) ? 0 : nil)
        else { return false }
        let partID = resource.values[idField]?.string ?? ""
        let all = services[service][keyPath: parts]
        let place =
            all.firstIndex { !partID.isEmpty && $0[keyPath: id] == partID }
            ?? all.firstIndex { $0[keyPath: name] == resource.index }
            ?? all.firstIndex {
                VCLText.identifier($0[keyPath: name]) == resource.label && !resource.label.isEmpty
            }
        guard let place else { return false }
        change(&services[service][keyPath: parts][place])
        return true
    }
}
