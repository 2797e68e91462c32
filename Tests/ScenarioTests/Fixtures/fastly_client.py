"""What a team that knows Fastly does with its official Python client, unchanged but for the host.

    fastly_client.py API_HOST KEY EDGE ORIGIN_PORT

Says each step as it is done; ends with a traceback at the first that is not as it would be there."""
import http.client
import sys
import time

import fastly
from fastly.api import (
    acl_api, acl_entry_api, backend_api, cache_settings_api, condition_api, dictionary_api, dictionary_info_api, dictionary_item_api, diff_api,
    director_api, director_backend_api, domain_api, events_api, gzip_api, header_api, healthcheck_api, historical_api, public_ip_list_api,
    purge_api, rate_limiter_api, realtime_api, response_object_api, service_api, settings_api, snippet_api, tokens_api, vcl_api, version_api)
from fastly.model.acl_entry import AclEntry
from fastly.model.bulk_update_acl_entries_request import BulkUpdateAclEntriesRequest
from fastly.model.bulk_update_acl_entry import BulkUpdateAclEntry
from fastly.model.bulk_update_dictionary_item import BulkUpdateDictionaryItem
from fastly.model.bulk_update_dictionary_list_request import BulkUpdateDictionaryListRequest
from fastly.model.inline_object1 import InlineObject1

HOST, KEY, EDGE, ORIGIN_PORT = sys.argv[1:5]
DOMAIN = "vote.example"
MAIN = """
sub vcl_recv {
#FASTLY recv
  if (client.ip ~ blocked) { error 403 "Forbidden"; }
  if (table.lookup(redirects, req.url.path)) { error 701 table.lookup(redirects, req.url.path); }
  if (req.url.path == "/version") { error 700 "%s"; }
  return(lookup);
}
sub vcl_fetch {
#FASTLY fetch
  set beresp.ttl = 1h;
  set beresp.stale_if_error = 1h;
  set beresp.http.Surrogate-Key = "page";
  return(deliver);
}
sub vcl_deliver {
#FASTLY deliver
  return(deliver);
}
sub vcl_error {
#FASTLY error
  if (obj.status == 700) { set obj.status = 200; synthetic obj.response; return(deliver); }
  if (obj.status == 701) { set obj.status = 301; set obj.http.Location = obj.response; return(deliver); }
}
"""

configuration = fastly.Configuration(host=HOST)
configuration.api_token = KEY
client = fastly.ApiClient(configuration)


def done(step):
    print("done:", step, flush=True)


def refused(status, call):
    try:
        call()
    except fastly.ApiException as error:
        assert error.status == status, f"expected {status}, got {error.status}: {error.body}"
        return error
    raise AssertionError(f"expected {status}, and it was done")


def ask(path, source="127.0.0.1"):
    connection = http.client.HTTPConnection(EDGE, timeout=10, source_address=(source, 0))
    connection.request("GET", path, headers={"Host": DOMAIN})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


def eventually(what, test, seconds=20):
    end = time.monotonic() + seconds
    while True:
        found = test()
        if found[0]:
            return found[1]
        assert time.monotonic() < end, f"{what}: {found[1]}"
        time.sleep(0.05)


# Who asks.
stranger = fastly.Configuration(host=HOST)
stranger.api_token = "unknown"
refused(401, lambda: service_api.ServiceApi(fastly.ApiClient(stranger)).list_services())
assert tokens_api.TokensApi(client).get_token_current().scope == "global"
assert public_ip_list_api.PublicIpListApi(client).list_fastly_ips().addresses
services = service_api.ServiceApi(client)
own = services.list_services()[0]
assert own.name == "for-america" and own.versions[-1].active
done("who asks, and the campaign's own program")

# A service with everything.
service = services.create_service(name="Vote", comment="where to vote").id
assert services.search_service(name="Vote").id == service
refused(409, lambda: services.create_service(name="Vote"))
versions = version_api.VersionApi(client)
assert [v.number for v in versions.list_service_versions(service)] == [1]
of = dict(service_id=service, version_id=1)
domains = domain_api.DomainApi(client)
assert versions.validate_service_version(**of).status == "error"
assert domains.create_domain(**of, name=DOMAIN).name == DOMAIN
refused(409, lambda: domains.create_domain(**of, name="www.foramerica.example"))
backends = backend_api.BackendApi(client)
made = backends.create_backend(
    **of, name="origin", address="127.0.0.1", port=int(ORIGIN_PORT), use_ssl=False, override_host="www.foramerica.example")
assert (made.port, made.use_ssl, made.connect_timeout) == (int(ORIGIN_PORT), False, 1000), made
assert backends.update_backend(**of, backend_name="origin", connect_timeout=2000).connect_timeout == 2000
vcl = vcl_api.VclApi(client)
vcl.create_custom_vcl(**of, name="wrong", content="sub vcl_recv { set req.ulr = 1; }", main=True)
assert "req.ulr" in versions.validate_service_version(**of)["errors"][0]
refused(400, lambda: versions.activate_service_version(**of))
vcl.delete_custom_vcl(**of, vcl_name="wrong")
vcl.create_custom_vcl(**of, name="main", content=MAIN % "one", main=False)
assert vcl.set_custom_vcl_main(**of, vcl_name="main").main is True
dictionaries = dictionary_api.DictionaryApi(client)
dictionary = dictionaries.create_dictionary(**of, name="redirects").id
acl = acl_api.AclApi(client).create_acl(**of, name="blocked").id
done("a service with domain, backend, VCL, dictionary and ACL")

# Objects that become VCL, as Fastly's do.
condition_api.ConditionApi(client).create_condition(
    **of, name="is api", type="REQUEST", statement='req.url ~ "^/api/"', priority="10")
header_api.HeaderApi(client).create_header_object(
    **of, name="served by", type="response", action="set", dst="http.X-Service", src='"vote"')
response_object_api.ResponseObjectApi(client).create_response_object(
    **of, create_response_object_request=dict(
        name="no api", status="404", response="Not Found", content="no api", request_condition="is api"))
gzip_api.GzipApi(client).create_gzip_config(**of, name="texts", content_types="text/html", extensions="html")
healthcheck_api.HealthcheckApi(client).create_healthcheck(**of, name="alive", host="www.foramerica.example", path="/")
cache_settings_api.CacheSettingsApi(client).create_cache_settings(**of, name="none", ttl="60")
limiters = rate_limiter_api.RateLimiterApi(client)
limiters.create_rate_limiter(
    **of, name="often", rps_limit=1000, window_size=60, penalty_box_duration=1, action="log_only",
    client_key=["req.http.Fastly-Client-IP"], http_methods=["POST"])
assert limiters.update_rate_limiter(limiters.list_rate_limiters(**of)[0].id, rps_limit=2000).rps_limit == 2000
settings = settings_api.SettingsApi(client)
assert settings.get_service_settings(**of).general_default_ttl == 3600
assert settings.update_service_settings(**of, general_default_ttl=60).general_default_ttl == 60
snippets = snippet_api.SnippetApi(client)
snippet = snippets.create_snippet(
    **of, name="mark", type="deliver", dynamic="1", content='set resp.http.X-Mark = "one";', priority="100").id
done("conditions, headers, response objects, gzips, health checks, settings, snippets")

# Into effect.
valid = versions.validate_service_version(**of)
assert valid.status == "ok", valid
active = versions.activate_service_version(**of)
assert active.active and active.locked
refused(422, lambda: backends.update_backend(**of, backend_name="origin", connect_timeout=1))
assert ask("/version")[:2] == (200, "one"), ask("/version")
status, body, headers = ask("/")
assert status == 200 and headers["X-Service"] == "vote" and headers["X-Mark"] == "one", headers
assert ask("/api/x")[:2] == (404, "no api")
done("validated, activated, and answering for its domain")

# Items and entries have no version.
items = dictionary_item_api.DictionaryItemApi(client)
thing = dict(service_id=service, dictionary_id=dictionary)
items.create_dictionary_item(**thing, item_key="/a/b", item_value="https://vote.example/c")
refused(409, lambda: items.create_dictionary_item(**thing, item_key="/a/b", item_value="x"))
refused(404, lambda: items.update_dictionary_item(**thing, dictionary_item_key="/none", item_value="x"))
assert items.upsert_dictionary_item(**thing, dictionary_item_key="/a/b", item_value="/d").item_value == "/d"
assert items.get_dictionary_item(**thing, dictionary_item_key="/a/b").item_key == "/a/b"
assert ask("/a/b")[2]["Location"] == "/d", ask("/a/b")
assert items.delete_dictionary_item(**thing, dictionary_item_key="/a/b").status == "ok"
assert ask("/a/b")[0] != 301


def batch(operation, count, value="/x"):
    changes = [
        BulkUpdateDictionaryItem(op=operation, item_key=f"/old/{n}", item_value=f"{value}/{n}") for n in range(count)]
    return items.bulk_update_dictionary_item(
        **thing, bulk_update_dictionary_list_request=BulkUpdateDictionaryListRequest(items=changes))


begun = time.monotonic()
assert batch("create", 1000).status == "ok"
print(f"batch of 1,000: {(time.monotonic() - begun) * 1000:.0f} ms", flush=True)
assert ask("/old/999")[2]["Location"] == "/x/999"
refused(400, lambda: batch("upsert", 1001))
# All or nothing.
refused(409, lambda: batch("create", 1))
assert len(items.list_dictionary_items(**thing)) == 1000
assert len(items.list_dictionary_items(**thing, page=2, per_page=600)) == 400
info = dictionary_info_api.DictionaryInfoApi(client).get_dictionary_info(**of, dictionary_id=dictionary)
assert info.item_count == 1000 and len(info.digest) == 64
done("items one by one and a thousand at once")

entries = acl_entry_api.AclEntryApi(client)
thing = dict(service_id=service, acl_id=acl)
block = AclEntry(ip="127.0.0.0", subnet=8, comment="this machine")
refusal = refused(403, lambda: entries.create_acl_entry(**thing, acl_entry=block))
assert "would shut you out" in refusal.body, refusal.body
entries.bulk_update_acl_entries(**thing, bulk_update_acl_entries_request=BulkUpdateAclEntriesRequest(entries=[
    BulkUpdateAclEntry(op="create", ip="127.0.0.1", negated=1), BulkUpdateAclEntry(op="create", ip="2001:db8::", subnet=32)]))
entry = entries.create_acl_entry(**thing, acl_entry=block)
assert (entry.ip, entry.subnet, entry.negated) == ("127.0.0.0", 8, 0)
assert ask("/version", source="127.0.0.2")[0] == 403
assert ask("/version")[0] == 200
assert len(entries.list_acl_entries(**thing)) == 3
assert entries.delete_acl_entry(**thing, acl_entry_id=entry.id).status == "ok"
refused(404, lambda: entries.get_acl_entry(**thing, acl_entry_id=entry.id))
done("entries of the ACL")

snippets.update_snippet_dynamic(service_id=service, id=snippet, content='set resp.http.X-Mark = "two";')
assert ask("/version")[2]["X-Mark"] == "two"
refused(400, lambda: snippets.update_snippet_dynamic(service_id=service, id=snippet, content="set req.ulr = 1;"))
done("a dynamic snippet")

# Purges.
purges = purge_api.PurgeApi(client)


def is_hit():
    return ask("/issues/")[2]["Cache-Status"].startswith("hq; hit")


def warm():
    eventually("a hit", lambda: (is_hit(), ask("/issues/")[2]))


warm()
assert purges.purge_tag(service, "another").status == "ok"
assert is_hit()
assert purges.purge_tag(service, "page").status == "ok"
assert not is_hit()
warm()
assert purges.purge_tag(service, "page", fastly_soft_purge=1).status == "ok"
warm()
assert purges.bulk_purge_tag(service, surrogate_key="another page")["page"]
assert not is_hit()
warm()
assert purges.purge_single_url(f"{DOMAIN}/issues/").status == "ok"
assert not is_hit()
warm()
assert purges.purge_all(service).status == "ok"
assert not is_hit()
done("purges by key, by several, by address, soft, and of everything")

# Statistics.
historical = historical_api.HistoricalApi(client)


def counted():
    data = historical.get_hist_stats_service(service, by="minute").to_dict()["data"]
    return sum(one["requests"] for one in data) > 0 if data else False, data


eventually("statistics", counted)
# The client takes "recorded" for an object, which is a number on the wire.
assert realtime_api.RealtimeApi(client).get_stats_last120_seconds(service, _check_return_type=False)
done("statistics")

# The next version, and back.
second = versions.clone_service_version(**of).number
assert second == 2
vcl.update_custom_vcl(service, second, "main", content=MAIN % "two")
difference = diff_api.DiffApi(client).diff_service_versions(service, 1, second).diff
assert '-      if (req.url.path == "/version") { error 700 "one"; }' in difference, difference
assert '+      if (req.url.path == "/version") { error 700 "two"; }' in difference
assert dictionaries.get_dictionary(service, second, "redirects").id == dictionary
assert versions.activate_service_version(service, second).active
assert ask("/version")[1] == "two"
details = services.get_service_detail(service)
assert details.active_version.number == 2 and len(details.version.domains) == 1
assert versions.activate_service_version(service, 1).active
assert ask("/version")[1] == "one"
third = versions.clone_service_version(service, second).number
director_api.DirectorApi(client).create_director(service_id=service, version_id=third, name="all", quorum=50)
members = director_backend_api.DirectorBackendApi(client)
assert members.create_director_backend("all", service, third, "origin").backend_name == "origin"
refused(404, lambda: members.get_director_backend("all", service, third, "other"))
assert versions.validate_service_version(service, third).status == "ok"
done("cloned, compared, activated, and rolled back")

# The campaign's own program: its VCL is changed like any, its structure is not.
draft = versions.clone_service_version(own.id, own.versions[-1].number).number
refused(403, lambda: backends.create_backend(service_id=own.id, version_id=draft, name="x", address="127.0.0.1"))
name = vcl.list_custom_vcl(own.id, draft)[0].name
content = vcl.get_custom_vcl(own.id, draft, name).content
vcl.update_custom_vcl(own.id, draft, name, content="# changed through the API\n" + content)
assert versions.activate_service_version(own.id, draft).active
done("the campaign's own program")

assert events_api.EventsApi(client).list_events(filter_event_type="version.activate", filter_service_id=service)
assert "error" in vcl.lint_vcl_default(InlineObject1(vcl="sub vcl_recv { set req.ulr = 1; }")).data.attributes.status
done("events, lint")

# Away again.
refused(400, lambda: services.delete_service(service))
versions.deactivate_service_version(service, 1)
assert services.delete_service(service).status == "ok"
refused(404, lambda: services.get_service(service))
done("all")
