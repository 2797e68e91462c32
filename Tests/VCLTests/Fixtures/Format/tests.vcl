// @scope: recv
// @suite: redirects
sub test_recv { testing.call_subroutine("vcl_recv"); assert.equal(req.http.A,"b","message"); }
describe group { before_recv { set req.http.A="1"; }
// @tag: x
sub test_two_recv {} after_recv{} describe inner {} }
