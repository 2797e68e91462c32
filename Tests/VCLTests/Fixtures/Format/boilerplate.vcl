sub vcl_recv{
#FASTLY recv
if(req.method!="HEAD"&&req.method!="GET"&&req.method!="FASTLYPURGE"){
return(pass);
}
return(lookup);
}
sub vcl_hash
{
  set req.hash+=req.url;
      set req.hash += req.http.host;
  #FASTLY hash
  return (hash);
}
sub vcl_error { # FASTLY ERROR
  if (obj.status==801) { set obj.status=301; set obj.http.Location=req.http.X-To; synthetic {"<html>
   <p>moved</p>
</html>"}; return(deliver); }
}
