"""How complete products are: what is there of all that shoppers would want to know."""
