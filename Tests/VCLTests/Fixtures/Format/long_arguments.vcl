sub a {
  set req.http.X-A-Rather-Long-Header-Name = subfield(req.http.Some-Other-Header-With-Fields, "name-of-the-field", ";");
  std.collect(req.http.X-A-Rather-Long-Header-Name-That-Goes-On-And-On-For-Ever-And-Ever, "; separator");
  set a = table.lookup(redirects, std.tolower(req.url.path), "https://www.example.com/" + req.url.path + "?from=old");
  return if(req.http.X-A-Rather-Long-Header-Name-That-Goes-On, "one value that is longer", "another value");
}
