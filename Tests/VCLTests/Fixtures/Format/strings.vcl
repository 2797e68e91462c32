sub vcl_log {
  log "syslog " req.service_id " requests :: " {"{""} {""time":""} strftime({"%Y-%m-%dT%H:%M:%SZ"}, time.start) {"","} {""status":""} resp.status {"","} {""url":""} json.escape(req.url) {"""} {"}"};
  set req.http.Long = {json"{"a": "b
    c"}"json} "tail" "another part that makes the whole of it long enough to be broken" req.http.X;
  set resp.http.Set-Cookie = "a=" + digest.hmac_sha256("key", req.http.Cookie:session + client.ip + now) + "; Path=/; Secure; HttpOnly; SameSite=Lax";
  set req.http.X = regsuball(regsuball(regsuball(req.url.path, "first-pattern", "first"), "second-pattern", "second"), "third", "3");
  set var.n=-1;set var.t=- 5s;
  error 601 "a rather long explanation of what went wrong with this request " req.http.X-Reason " and where";
}
