table redirects {"/a": "/b"}

acl staff {"192.0.2.1";}
