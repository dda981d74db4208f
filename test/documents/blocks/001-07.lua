:delegate_to("mariguica")  -- funciona perfeitamente!
